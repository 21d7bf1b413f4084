namespace DeployCard.Grains.AsyncCalls;

/// <summary>One try to get an answer.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="StartedAt">When the pod got it, UTC; when its turn came, where no pod was ready in time.</param>
/// <param name="EndedAt">When it ended, UTC; null while it goes on.</param>
/// <param name="Pod">The pod that had it; null when none was ready in time.</param>
/// <param name="StatusCode">The pod's status code, where it answered.</param>
/// <param name="ErrorCode">Why it failed; null when it did not.</param>
/// <param name="Detail">The failure in a sentence.</param>
/// <param name="IsCounted">Whether it is one of those that a call may have; one that an orderly end of its silo broke off is not.</param>
[GenerateSerializer, Alias("call-attempt"), Immutable]
public sealed record CallAttempt(
    [property: Id(0)] int Number,
    [property: Id(1)] DateTimeOffset StartedAt,
    [property: Id(2)] DateTimeOffset? EndedAt = null,
    [property: Id(3)] string? Pod = null,
    [property: Id(4)] int? StatusCode = null,
    [property: Id(5)] CallErrorCode? ErrorCode = null,
    [property: Id(6)] string? Detail = null,
    [property: Id(7)] bool IsCounted = true
);
