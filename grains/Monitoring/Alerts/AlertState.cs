namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>A rule whose value is beyond its limit, or was a while ago.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Since">Since when it is beyond it, UTC.</param>
/// <param name="FiringSince">Since when it fires, UTC; null while it only might soon.</param>
/// <param name="BeyondAt">When it was seen beyond it last, UTC.</param>
/// <param name="Value">The value that was seen then.</param>
/// <param name="Limit">The limit that it was beyond.</param>
/// <param name="Window">How many minutes the value is of.</param>
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
    /// <summary>What becomes of it: null where it is over.</summary>
    /// <param name="before">What it was; null where its value was within the limit.</param>
    /// <param name="limit">When it fires.</param>
    /// <param name="value">What was seen; null for nothing, which is within any limit.</param>
    /// <param name="keepFiring">How long it goes on firing within the limit.</param>
    /// <param name="now">The time.</param>
    internal static AlertState? Next(AlertState? before, AlertLimit limit, double? value, TimeSpan keepFiring, DateTimeOffset now)
    {
        if (!(value > limit.Limit))
            return before?.FiringSince is not null && now - before.BeyondAt < keepFiring ? before : null;
        var since = before?.Since ?? now;
        return new(
            limit.Rule,
            since,
            before?.FiringSince ?? (now - since >= limit.For ? now : null),
            now,
            value.Value,
            limit.Limit,
            limit.Window
        );
    }
}
