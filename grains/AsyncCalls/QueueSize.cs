using DeployCard.Grains.Routing;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// How many calls of a deployment have not ended, and the length of their bodies. It is counted along, and counted anew in storage now and
/// then: what is reserved just then is missed by that for a moment.
/// </summary>
internal sealed class QueueSize
{
    public long Calls { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>When the oldest of those that wait for a pod was accepted, UTC, as seen at the last look; null for none.</summary>
    public DateTimeOffset? OldestAt { get; set; }

    /// <summary>Takes a place; null when there was one.</summary>
    public QueueRefusal? Take(long bytes, RouteLimits limits)
    {
        if (Calls >= limits.AsyncQueueLength || Bytes + bytes > limits.AsyncQueueBytes)
            return new(Calls, limits.AsyncQueueLength, Bytes, limits.AsyncQueueBytes);
        (Calls, Bytes) = (Calls + 1, Bytes + bytes);
        return null;
    }

    public void GiveBack(long bytes) => (Calls, Bytes) = (Math.Max(0, Calls - 1), Math.Max(0, Bytes - bytes));

    public void Set(OpenCalls counted) => (Calls, Bytes) = (counted.Count, counted.Bytes);
}
