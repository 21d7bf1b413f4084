namespace DeployCard.Grains.Monitoring.Alerts;

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
)
{
    /// <summary>Returns the next state of an alert; null if it is neither pending nor firing.</summary>
    /// <param name="before">The previous state; null if the alert was neither pending nor firing.</param>
    /// <param name="condition">The condition under which the alert fires.</param>
    /// <param name="value">Current value of the rule; null if there is no data, which counts as within the threshold.</param>
    /// <param name="keepFiring">Time for which the alert keeps firing after the value last exceeded the threshold.</param>
    /// <param name="now">The current time, UTC.</param>
    internal static AlertState? Next(AlertState? before, AlertCondition condition, double? value, TimeSpan keepFiring, DateTimeOffset now)
    {
        if (!(value > condition.Threshold))
            return before?.FiringSince is not null && now - before.BeyondAt < keepFiring ? before : null;
        var since = before?.Since ?? now;
        return new(
            condition.Rule,
            since,
            before?.FiringSince ?? (now - since >= condition.For ? now : null),
            now,
            value.Value,
            condition.Threshold,
            condition.WindowMinutes
        );
    }
}
