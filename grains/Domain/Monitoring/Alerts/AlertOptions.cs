using System.ComponentModel.DataAnnotations;

namespace DeployCard.Domain.Monitoring.Alerts;

/// <summary>
/// Settings of the alert rules, which apply to all deployments (section <c>Alerts</c>). The defaults equal the values in
/// <c>k8s/base/monitoring/prometheus/rules.yml</c>; a test compares them. A window is rounded up to whole minutes and includes the
/// current one.
/// </summary>
public sealed class AlertOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Alerts";

    private const string MinWindow = "00:01:00";
    private const string MaxWindow = "00:30:00";
    private const string MaxDuration = "01:00:00";

    /// <summary>Interval at which the rules are evaluated.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan EvaluationInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for which an alert keeps firing after its value last exceeded the threshold, so that it does not flap.</summary>
    [Range(typeof(TimeSpan), "00:00:00", MaxDuration)]
    public TimeSpan KeepFiringFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum fraction of predictions that return a 5xx status.</summary>
    [Range(0d, 1d)]
    public double MaxErrorRatio { get; set; } = 0.05;

    /// <summary>Window over which the error ratio is measured.</summary>
    [Range(typeof(TimeSpan), MinWindow, MaxWindow)]
    public TimeSpan ErrorRatioWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time for which the error ratio must exceed the threshold before the alert fires.</summary>
    [Range(typeof(TimeSpan), "00:00:00", MaxDuration)]
    public TimeSpan ErrorRatioFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum 99th percentile of the latency of predictions.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Window over which the latency is measured.</summary>
    [Range(typeof(TimeSpan), MinWindow, MaxWindow)]
    public TimeSpan LatencyWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time for which the latency must exceed the threshold before the alert fires.</summary>
    [Range(typeof(TimeSpan), "00:00:00", MaxDuration)]
    public TimeSpan LatencyFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Maximum number of pod failures within <see cref="CrashWindow"/>.</summary>
    [Range(0, 1_000_000)]
    public int MaxCrashes { get; set; } = 3;

    /// <summary>Window within which pod failures are counted.</summary>
    [Range(typeof(TimeSpan), MinWindow, MaxWindow)]
    public TimeSpan CrashWindow { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Maximum time that an asynchronous call waits for a pod.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxBacklogAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Time for which the waiting time of calls must exceed the threshold before the alert fires.</summary>
    [Range(typeof(TimeSpan), "00:00:00", MaxDuration)]
    public TimeSpan BacklogFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum 90th percentile of the waiting time of requests that arrive while no pod is ready (cold starts).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxColdStartWait { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Window over which the waiting time of cold starts is measured.</summary>
    [Range(typeof(TimeSpan), MinWindow, MaxWindow)]
    public TimeSpan ColdStartWindow { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Maximum number of requests per second that are rejected for lack of pods, averaged over <see cref="CapacityRejectionsWindow"/>.
    /// </summary>
    [Range(0d, 1_000_000d)]
    public double MaxCapacityRejections { get; set; } = 0.1;

    /// <summary>Window over which rejections for lack of pods are measured.</summary>
    [Range(typeof(TimeSpan), MinWindow, MaxWindow)]
    public TimeSpan CapacityRejectionsWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time for which capacity rejections must exceed the threshold before the alert fires.</summary>
    [Range(typeof(TimeSpan), "00:00:00", MaxDuration)]
    public TimeSpan CapacityRejectionsFor { get; set; } = TimeSpan.FromMinutes(5);
}
