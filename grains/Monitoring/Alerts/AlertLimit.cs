namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>When a rule's alert fires.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Limit">What the value must be beyond, in the rule's unit: a part of 1, seconds, pods, requests a second.</param>
/// <param name="Window">How many minutes the value is of, the running one included.</param>
/// <param name="For">How long it must be beyond it.</param>
internal sealed record AlertLimit(AlertRule Rule, double Limit, int Window, TimeSpan For)
{
    /// <summary>What is seen once a second and told every few: in the first seconds of a minute only the minute before has it.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(2);

    /// <summary>Those of all rules.</summary>
    public static IReadOnlyList<AlertLimit> Of(AlertOptions options) =>
        [
            Of(AlertRule.ErrorRatio, options.MaxErrorRatio, options.ErrorRatioWindow, options.ErrorRatioFor),
            Of(AlertRule.Latency, options.MaxLatency.TotalSeconds, options.LatencyWindow, options.LatencyFor),
            Of(AlertRule.CrashLoop, options.MaxCrashes, options.CrashWindow, TimeSpan.Zero),
            Of(AlertRule.BacklogAge, options.MaxBacklogAge.TotalSeconds, Moment, options.BacklogFor),
            Of(AlertRule.ColdStart, options.MaxColdStart.TotalSeconds, options.ColdStartWindow, TimeSpan.Zero),
            Of(AlertRule.CapacityRejections, options.MaxCapacityRejections, options.CapacityRejectionsWindow, options.CapacityRejectionsFor),
        ];

    private static AlertLimit Of(AlertRule rule, double limit, TimeSpan window, TimeSpan holds) =>
        new(rule, limit, (int)Math.Ceiling(window.TotalMinutes), holds);
}
