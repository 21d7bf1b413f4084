using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Number of open calls of a deployment and total size of their request bodies. Both are updated incrementally and recounted from storage
/// from time to time. A recount misses calls whose capacity is reserved but which are not stored yet.
/// </summary>
internal sealed class QueueUsage
{
    public long Calls { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>
    /// Time when the oldest call that waits for a pod was accepted, UTC, as of the last tick of the queue; null if no call waits.
    /// </summary>
    public DateTimeOffset? OldestPendingAt { get; set; }

    /// <summary>Reserves capacity for a call. Returns null on success, otherwise the limit that was reached.</summary>
    public QueueFull? Reserve(long bytes, DeploymentConfiguration limits)
    {
        if (Calls >= limits.AsyncQueueLength || Bytes + bytes > limits.AsyncQueueBytes)
            return new(Calls, limits.AsyncQueueLength, Bytes, limits.AsyncQueueBytes);
        (Calls, Bytes) = (Calls + 1, Bytes + bytes);
        return null;
    }

    public void Release(long bytes) => (Calls, Bytes) = (Math.Max(0, Calls - 1), Math.Max(0, Bytes - bytes));

    public void Reconcile(OpenCalls counted) => (Calls, Bytes) = (counted.Count, counted.Bytes);
}
