using DeployCard.Contracts.Monitoring.Alerts;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>A firing alert: a value of a deployment has exceeded its threshold for too long.</summary>
public sealed class Alert
{
    private readonly AlertView alert;

    internal Alert(AlertView alert) => this.alert = alert;

    /// <summary>Alert rule that fires.</summary>
    public AlertRule Rule => alert.Rule;

    /// <summary>Severity of the alert.</summary>
    public AlertSeverity Severity => alert.Severity;

    /// <summary>Time when the alert started to fire.</summary>
    public DateTimeOffset Since => alert.Since;

    /// <summary>
    /// Most recent value above the threshold, at most 30 s old while the value exceeds it. Unit by rule: ratio from 0 to 1
    /// (<c>ERROR_RATIO</c>), seconds (<c>LATENCY</c>, <c>BACKLOG_AGE</c>, <c>COLD_START</c>), pod failures (<c>CRASH_LOOP</c>) or requests
    /// per second (<c>CAPACITY_REJECTIONS</c>).
    /// </summary>
    public double Value => alert.Value;

    /// <summary>Threshold that the value must exceed, in the same unit.</summary>
    public double Threshold => alert.Threshold;

    /// <summary>Summary of the alert in one sentence, with value and threshold.</summary>
    public string Message => alert.Message;

    /// <summary>
    /// Section of the product documentation that explains the remedy, for example <c>docs/observability.md#deploycarderrorratio</c>.
    /// </summary>
    public string Runbook => $"docs/observability.md#deploycard{Rule.ToString().ToLowerInvariant()}";
}

/// <summary>Firing alerts of one deployment.</summary>
public sealed class DeploymentAlerts
{
    private readonly FiringAlerts firing;

    internal DeploymentAlerts(string deployment, FiringAlerts firing) => (Deployment, this.firing) = (deployment, firing);

    /// <summary>Name of the deployment.</summary>
    public string Deployment { get; }

    /// <summary>Firing alerts, the longest firing first; empty if no alert fires.</summary>
    public IReadOnlyList<Alert> Alerts => [.. firing.Alerts.Select(alert => new Alert(alert))];
}
