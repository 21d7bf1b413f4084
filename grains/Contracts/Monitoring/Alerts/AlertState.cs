namespace DeployCard.Contracts.Monitoring.Alerts;

/// <summary>The state of an alert that is pending or firing. Stored as JSON while it fires.</summary>
/// <param name="Rule">Rule of the alert.</param>
/// <param name="Since">Time at which the value first exceeded the threshold, UTC.</param>
/// <param name="FiringSince">Time at which the alert started firing, UTC; null if it is pending.</param>
/// <param name="BeyondAt">Time of the last evaluation in which the value exceeded the threshold, UTC.</param>
/// <param name="Value">Value in that evaluation, in the unit of the rule.</param>
/// <param name="Limit">Threshold that the value exceeded, in the unit of the rule.</param>
/// <param name="Window">Number of minutes that the value covers.</param>
public sealed record AlertState(
    AlertRule Rule,
    DateTimeOffset Since,
    DateTimeOffset? FiringSince,
    DateTimeOffset BeyondAt,
    double Value,
    double Limit,
    int Window
);
