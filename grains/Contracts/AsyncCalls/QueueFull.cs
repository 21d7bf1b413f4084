namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Size and limits of a queue that rejected a call.</summary>
/// <param name="Calls">Number of open calls in the queue.</param>
/// <param name="MaxCalls">Maximum number of open calls.</param>
/// <param name="Bytes">Total size in bytes of the request bodies of these calls.</param>
/// <param name="MaxBytes">Maximum total size of the request bodies in bytes.</param>
[GenerateSerializer, Alias("queue-refusal"), Immutable]
public sealed record QueueFull(
    [property: Id(0)] long Calls,
    [property: Id(1)] long MaxCalls,
    [property: Id(2)] long Bytes,
    [property: Id(3)] long MaxBytes
)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Calls >= MaxCalls
            ? $"The async queue is full: it holds {Calls} calls, and asyncQueueLength is {MaxCalls}."
            : $"The async queue is full: it holds {Bytes} bytes, and this body would exceed asyncQueueBytes ({MaxBytes}).";
}
