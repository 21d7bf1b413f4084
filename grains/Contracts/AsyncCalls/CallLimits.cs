namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Time limits of an asynchronous call.</summary>
/// <param name="Health">
/// Maximum time that an attempt waits for a ready pod (<c>X-Health-Timeout</c>): 1 s to 24 h, default 2 minutes.
/// </param>
/// <param name="Request">
/// Maximum duration of an attempt after a pod got it (<c>X-Request-Timeout</c>): 1 s to 24 h, default 5 minutes.
/// </param>
/// <param name="FullLive">
/// Maximum time from the acceptance of the call to its end (<c>X-Full-Live-Timeout</c>): 1 s to 30 days; null (the default) if unlimited.
/// </param>
/// <param name="Retention">Time from the end of the call until it is purged (<c>X-Retention</c>): 60 s to 30 days, default 3 days.</param>
[GenerateSerializer, Alias("call-limits"), Immutable]
public sealed record CallLimits(
    [property: Id(0)] TimeSpan Health,
    [property: Id(1)] TimeSpan Request,
    [property: Id(2)] TimeSpan? FullLive,
    [property: Id(3)] TimeSpan Retention
)
{
    /// <summary>Limits of a call whose request sets none.</summary>
    public static CallLimits Default { get; } = new(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), null, TimeSpan.FromDays(3));
}
