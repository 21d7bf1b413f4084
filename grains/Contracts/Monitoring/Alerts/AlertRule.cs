using System.Text.Json.Serialization;

namespace DeployCard.Contracts.Monitoring.Alerts;

/// <summary>
/// The alert rules evaluated for each deployment. They are the rules of <c>k8s/base/monitoring/prometheus/rules.yml</c> that concern a
/// single deployment. The settings <c>Alerts:*</c> hold their thresholds, windows and durations.
/// </summary>
public enum AlertRule
{
    /// <summary>The fraction of predictions that return a 5xx status exceeds its threshold, 5 % by default.</summary>
    ErrorRatio,

    /// <summary>The 99th percentile of the latency of predictions exceeds its threshold, 10 s by default.</summary>
    Latency,

    /// <summary>The number of pod failures exceeds its threshold, 3 within 15 minutes by default.</summary>
    CrashLoop,

    /// <summary>The oldest asynchronous call without a pod has waited longer than its threshold, 15 minutes by default.</summary>
    [JsonStringEnumMemberName("BACKLOG_OLD")]
    BacklogAge,

    /// <summary>
    /// The 90th percentile of the waiting time of requests that arrive while no pod is ready exceeds its threshold, 1 minute by
    /// default.
    /// </summary>
    [JsonStringEnumMemberName("COLD_START_SLOW")]
    ColdStart,

    /// <summary>The rate of requests rejected for lack of pods exceeds its threshold, 0.1 per second by default.</summary>
    [JsonStringEnumMemberName("REFUSING")]
    CapacityRejections,
}

/// <summary>The urgency of an alert.</summary>
public enum AlertSeverity
{
    /// <summary>The alert should be investigated soon.</summary>
    Warning,

    /// <summary>The alert should be investigated immediately.</summary>
    Critical,
}

/// <summary>Properties of alert rules that do not depend on settings.</summary>
internal static class AlertRules
{
    /// <summary>Returns the severity of the alert of a rule.</summary>
    public static AlertSeverity SeverityOf(AlertRule rule) =>
        rule is AlertRule.ErrorRatio or AlertRule.CrashLoop ? AlertSeverity.Critical : AlertSeverity.Warning;
}
