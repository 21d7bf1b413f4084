namespace DeployCard.Contracts.AsyncCalls;

/// <summary>The calls that a queue returns when a stream starts or resumes.</summary>
/// <param name="AcceptedSince">The subscriber may have missed calls that were accepted at or after this time, UTC.</param>
/// <param name="OpenIds">The newest calls that were open when the subscriber last received them, at most <see cref="MaxCalls"/>.</param>
/// <param name="NewestCount">Number of newest calls to return, ended or not: 0 to <see cref="MaxCalls"/>.</param>
[GenerateSerializer, Alias("call-gap"), Immutable]
public sealed record CallResumePoint(
    [property: Id(0)] DateTimeOffset AcceptedSince,
    [property: Id(1)] IReadOnlyList<CallId> OpenIds,
    [property: Id(2)] int NewestCount
)
{
    /// <summary>Maximum number of calls of each kind. A subscriber that missed more must read the list again.</summary>
    public const int MaxCalls = 200;
}
