using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>
/// When a deployment's alerts fire (section <c>Alerts</c>). The defaults are the numbers of <c>k8s/base/monitoring/prometheus/rules.yml</c>; a test holds them
/// to that. A window is counted in whole minutes, the running one included.
/// </summary>
public sealed class AlertOptions
{
    internal const string Section = "Alerts";
    private const string Shortest = "00:01:00";
    private const string Longest = "00:30:00";
    private const string LongestFor = "01:00:00";

    /// <summary>How often the rules are looked at: 1 s to 1 minute, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan EvaluationInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an alert goes on firing after its value was last beyond the limit, so that it does not come and go: 0 to 1 hour, default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", LongestFor)]
    public TimeSpan KeepFiringFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The part of predictions that may end in a 5xx: 0 to 1, default 0.05.</summary>
    [Range(0d, 1d)]
    public double MaxErrorRatio { get; set; } = 0.05;

    /// <summary>Over which time that is counted: 1 to 30 minutes, default 5 minutes.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan ErrorRatioWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long it must be so: 0 to 1 hour, default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", LongestFor)]
    public TimeSpan ErrorRatioFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long 99 of 100 predictions may take: 1 ms to 1 day, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Over which time that is counted: 1 to 30 minutes, default 10 minutes.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan LatencyWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long it must be so: 0 to 1 hour, default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", LongestFor)]
    public TimeSpan LatencyFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often pods may fail: 0 to 1,000,000 times, default 3.</summary>
    [Range(0, 1_000_000)]
    public int MaxCrashes { get; set; } = 3;

    /// <summary>Over which time that is counted: 1 to 30 minutes, default 15 minutes.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan CrashWindow { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long an asynchronous call may wait for a pod: 1 s to 30 days, default 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxBacklogAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long it must be so: 0 to 1 hour, default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", LongestFor)]
    public TimeSpan BacklogFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long 9 of 10 requests may wait that find no pod ready: 1 s to 1 day, default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxColdStart { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Over which time that is counted: 1 to 30 minutes, default 30 minutes.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan ColdStartWindow { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Requests that may be refused for lack of pods, each second on average: 0 to 1,000,000, default 0.1.</summary>
    [Range(0d, 1_000_000d)]
    public double MaxCapacityRejections { get; set; } = 0.1;

    /// <summary>Over which time that is counted: 1 to 30 minutes, default 5 minutes.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan CapacityRejectionsWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long it must be so: 0 to 1 hour, default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", LongestFor)]
    public TimeSpan CapacityRejectionsFor { get; set; } = TimeSpan.FromMinutes(5);
}
