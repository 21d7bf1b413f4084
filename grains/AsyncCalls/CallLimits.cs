namespace DeployCard.Grains.AsyncCalls;

/// <summary>The time limits of a call.</summary>
/// <param name="Health">How long an attempt waits for a ready pod (<c>X-Health-Timeout</c>, 1 s to 24 h).</param>
/// <param name="Request">How long an attempt may take once a pod has it (<c>X-Request-Timeout</c>, 1 s to 24 h).</param>
/// <param name="FullLive">How long the call may live until it has ended (<c>X-Full-Live-Timeout</c>, 1 s to 30 days); null for no bound.</param>
/// <param name="Retention">How long the result is kept (<c>X-Retention</c>, 60 s to 30 days).</param>
[GenerateSerializer, Alias("call-limits"), Immutable]
public sealed record CallLimits(
    [property: Id(0)] TimeSpan Health,
    [property: Id(1)] TimeSpan Request,
    [property: Id(2)] TimeSpan? FullLive,
    [property: Id(3)] TimeSpan Retention
)
{
    /// <summary>What counts where the caller says nothing.</summary>
    public static CallLimits Default { get; } = new(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), null, TimeSpan.FromDays(3));
}
