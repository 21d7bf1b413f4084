using DeployCard.Contracts.Monitoring.Alerts;

namespace DeployCard.Domain.Monitoring.Alerts;

/// <summary>The condition under which the alert of a rule fires.</summary>
/// <param name="Rule">The rule to evaluate.</param>
/// <param name="Threshold">
/// Threshold that the value must exceed, in the unit of the rule: a fraction from 0 to 1, seconds, number of pods, or requests per second.
/// </param>
/// <param name="WindowMinutes">Number of minutes that the value covers, including the current one.</param>
/// <param name="For">Time for which the value must exceed the threshold before the alert fires.</param>
internal sealed record AlertCondition(AlertRule Rule, double Threshold, int WindowMinutes, TimeSpan For)
{
    /// <summary>
    /// Window for a value that is current rather than counted over time. In the first seconds of a minute only the previous minute has
    /// a value, because samples are reported every few seconds.
    /// </summary>
    private static readonly TimeSpan CurrentValueWindow = TimeSpan.FromMinutes(2);

    /// <summary>Creates the conditions of all rules.</summary>
    public static IReadOnlyList<AlertCondition> CreateAll(AlertOptions options) =>
        [
            Create(AlertRule.ErrorRatio, options.MaxErrorRatio, options.ErrorRatioWindow, options.ErrorRatioFor),
            Create(AlertRule.Latency, options.MaxLatency.TotalSeconds, options.LatencyWindow, options.LatencyFor),
            Create(AlertRule.CrashLoop, options.MaxCrashes, options.CrashWindow, TimeSpan.Zero),
            Create(AlertRule.BacklogAge, options.MaxBacklogAge.TotalSeconds, CurrentValueWindow, options.BacklogFor),
            Create(AlertRule.ColdStart, options.MaxColdStartWait.TotalSeconds, options.ColdStartWindow, TimeSpan.Zero),
            Create(
                AlertRule.CapacityRejections,
                options.MaxCapacityRejections,
                options.CapacityRejectionsWindow,
                options.CapacityRejectionsFor
            ),
        ];

    /// <summary>Returns the next state of the alert; null if it is neither pending nor firing.</summary>
    /// <param name="before">The previous state; null if the alert was neither pending nor firing.</param>
    /// <param name="value">Current value of the rule; null if there is no data, which counts as within the threshold.</param>
    /// <param name="keepFiring">Time for which the alert keeps firing after the value last exceeded the threshold.</param>
    /// <param name="now">The current time, UTC.</param>
    public AlertState? NextState(AlertState? before, double? value, TimeSpan keepFiring, DateTimeOffset now)
    {
        if (!(value > Threshold))
            return before?.FiringSince is not null && now - before.BeyondAt < keepFiring ? before : null;
        var since = before?.Since ?? now;
        return new(Rule, since, before?.FiringSince ?? (now - since >= For ? now : null), now, value.Value, Threshold, WindowMinutes);
    }

    private static AlertCondition Create(AlertRule rule, double limit, TimeSpan window, TimeSpan duration) =>
        new(rule, limit, (int)Math.Ceiling(window.TotalMinutes), duration);
}
