namespace DeployCard.Grains.AsyncCalls;

/// <summary>Why a queue takes no call more.</summary>
/// <param name="Calls">The calls that have not ended.</param>
/// <param name="MostCalls">How many there may be.</param>
/// <param name="Bytes">The bodies of their requests together, in bytes.</param>
/// <param name="MostBytes">How many there may be.</param>
[GenerateSerializer, Alias("queue-refusal"), Immutable]
public sealed record QueueRefusal(
    [property: Id(0)] long Calls,
    [property: Id(1)] long MostCalls,
    [property: Id(2)] long Bytes,
    [property: Id(3)] long MostBytes
)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Calls >= MostCalls
            ? $"The queue of calls is full: {Calls} have not ended, asyncQueueLength is {MostCalls}."
            : $"The queue of calls is full: their bodies have {Bytes} bytes, with this one there would be more than asyncQueueBytes, which is {MostBytes}.";
}
