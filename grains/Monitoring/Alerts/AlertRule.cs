using System.Text.Json.Serialization;
namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>What is looked at in each deployment. They are the rules of <c>k8s/base/monitoring/prometheus/rules.yml</c> that are about one deployment's own service.</summary>
public enum AlertRule
{
    /// <summary>Too many predictions end in a 5xx.</summary>
    ErrorRatio,

    /// <summary>One prediction in a hundred takes too long.</summary>
    Latency,

    /// <summary>Pods fail again and again.</summary>
    CrashLoop,

    /// <summary>An asynchronous call has waited for too long.</summary>
    [JsonStringEnumMemberName("BACKLOG_OLD")]
    BacklogAge,

    /// <summary>First requests wait too long for a pod.</summary>
    [JsonStringEnumMemberName("COLD_START_SLOW")]
    ColdStart,

    /// <summary>Requests are refused for lack of pods.</summary>
    [JsonStringEnumMemberName("REFUSING")]
    CapacityRejections,
}

/// <summary>How urgent an alert is.</summary>
public enum AlertSeverity
{
    /// <summary>Someone should look soon.</summary>
    Warning,

    /// <summary>Someone should look now.</summary>
    Critical,
}

/// <summary>What does not depend on settings.</summary>
internal static class AlertRules
{
    /// <summary>How urgent a rule's alert is.</summary>
    public static AlertSeverity SeverityOf(AlertRule rule) =>
        rule is AlertRule.ErrorRatio or AlertRule.CrashLoop ? AlertSeverity.Critical : AlertSeverity.Warning;
}
