namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>An alert that fires.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="Severity">How urgent it is.</param>
/// <param name="Since">Since when it fires, UTC.</param>
/// <param name="Value">The value that was seen last beyond the limit, in the rule's unit: a part of 1, seconds, pods, requests a second.</param>
/// <param name="Limit">What it must be beyond to fire.</param>
/// <param name="Message">A sentence for people.</param>
[GenerateSerializer, Alias("alert-view"), Immutable]
public sealed record AlertView(
    [property: Id(0)] AlertRule Rule,
    [property: Id(1)] AlertSeverity Severity,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] double Value,
    [property: Id(4)] double Limit,
    [property: Id(5)] string Message
);

/// <summary>A deployment's alerts that fire, those that fire longest first.</summary>
/// <param name="Alerts">The alerts.</param>
[GenerateSerializer, Alias("firing-alerts"), Immutable]
public sealed record FiringAlerts([property: Id(0)] IReadOnlyList<AlertView> Alerts);
