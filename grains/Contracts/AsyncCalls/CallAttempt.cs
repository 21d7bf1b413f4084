namespace DeployCard.Contracts.AsyncCalls;

/// <summary>One attempt to get a response from a pod.</summary>
/// <param name="Number">Number of the attempt within the call, starting with 1; never reused.</param>
/// <param name="StartedAt">
/// Time when the request was sent to the pod, UTC; if no pod became ready in time, when the execution started.
/// </param>
/// <param name="EndedAt">Time when the attempt ended, UTC; null while it is running.</param>
/// <param name="Pod">Name of the pod that got the request; null if no pod became ready in time.</param>
/// <param name="StatusCode">HTTP status code of the pod's response; null if the pod did not respond.</param>
/// <param name="ErrorCode">Reason for the failure; null if the attempt succeeded, was interrupted or is running.</param>
/// <param name="Detail">
/// Description of the failure or interruption, without a final period; null if the attempt succeeded or is running.
/// </param>
/// <param name="IsCounted">Whether the attempt counts toward the retry limit. Attempts interrupted by a graceful shutdown do not.</param>
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
