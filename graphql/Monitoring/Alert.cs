using DeployCard.Grains.Monitoring.Alerts;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Something at a deployment that is beyond its limit for too long.</summary>
public sealed class Alert
{
    private readonly AlertView alert;

    internal Alert(AlertView alert) => this.alert = alert;

    /// <summary>Which rule.</summary>
    public AlertRule Rule => alert.Rule;

    /// <summary>How urgent it is.</summary>
    public AlertSeverity Severity => alert.Severity;

    /// <summary>Since when it fires.</summary>
    public DateTimeOffset Since => alert.Since;

    /// <summary>The value that was seen last beyond the limit, at most half a minute old while it is: a part of 1 (<c>ERROR_RATIO</c>), seconds (<c>LATENCY</c>, <c>BACKLOG_AGE</c>, <c>COLD_START</c>), pods (<c>CRASH_LOOP</c>) or requests a second (<c>CAPACITY_REJECTIONS</c>).</summary>
    public double Value => alert.Value;

    /// <summary>What the value must be beyond, in the same unit.</summary>
    public double Threshold => alert.Limit;

    /// <summary>The same in a sentence for people, as in <c>Error ratio 12 % over 5 min, limit 5 %.</c></summary>
    public string Message => alert.Message;

    /// <summary>What to do about it: a place in the product's documentation, as in <c>docs/observability.md#deploycarderrorratio</c>.</summary>
    public string Runbook => $"docs/observability.md#deploycard{Rule.ToString().ToLowerInvariant()}";
}

/// <summary>The alerts of a deployment that fire now.</summary>
public sealed class DeploymentAlerts
{
    private readonly FiringAlerts firing;

    internal DeploymentAlerts(string deployment, FiringAlerts firing) => (Deployment, this.firing) = (deployment, firing);

    /// <summary>The deployment's name.</summary>
    public string Deployment { get; }

    /// <summary>Those that fire longest first; none where all is well.</summary>
    public IReadOnlyList<Alert> Alerts => [.. firing.Alerts.Select(alert => new Alert(alert))];
}
