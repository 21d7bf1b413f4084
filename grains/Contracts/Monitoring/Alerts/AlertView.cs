using DeployCard.Common.Collections;

namespace DeployCard.Contracts.Monitoring.Alerts;

/// <summary>A firing alert as the API shows it.</summary>
/// <param name="Rule">Rule of the alert.</param>
/// <param name="Severity">Urgency of the alert.</param>
/// <param name="Since">Time at which the alert started firing, UTC.</param>
/// <param name="Value">
/// Last value that exceeded the threshold, in the unit of the rule: a fraction from 0 to 1, seconds, number of pods, or requests per
/// second.
/// </param>
/// <param name="Threshold">Threshold that the value must exceed, in the same unit.</param>
/// <param name="Message">Description of the alert for users, for example <c>Error ratio 12 % over 5 min, limit 5 %.</c></param>
[GenerateSerializer, Alias("alert-view"), Immutable]
public sealed record AlertView(
    [property: Id(0)] AlertRule Rule,
    [property: Id(1)] AlertSeverity Severity,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] double Value,
    [property: Id(4)] double Threshold,
    [property: Id(5)] string Message
);

/// <summary>The firing alerts of a deployment.</summary>
/// <param name="Alerts">The alerts, the longest-firing one first.</param>
[GenerateSerializer, Alias("firing-alerts"), Immutable]
public sealed record FiringAlerts([property: Id(0)] ValueList<AlertView> Alerts);
