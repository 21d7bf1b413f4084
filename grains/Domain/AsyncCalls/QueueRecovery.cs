using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Fills the window and the usage of a queue from storage, which alone is durable. The invariant: the window holds the oldest open calls
/// without a gap. While storage may have younger calls than the window, a new call enters the window only if the window covers its id, so
/// no call overtakes an older one. A call whose <see cref="IQueueGrain.Enqueue"/> message was lost is found by
/// <see cref="Reconcile"/>.
/// </summary>
internal sealed class QueueRecovery(DeploymentName deployment, IAsyncCallStore calls, CallWindow window, QueueUsage usage)
{
    /// <summary>Number of calls that one query reads from storage.</summary>
    public const int BatchSize = 1000;

    /// <summary>
    /// Number of calls in memory above which new calls stay in storage. The window exceeds it by at most one batch and one call.
    /// </summary>
    public const int MaxWindow = 10_000;

    // Whether storage may have open calls that are younger than the window.
    private bool hasMore;

    /// <summary>Counts the open calls and reads the oldest ones, for a new activation of the queue.</summary>
    public async Task Restore(CancellationToken cancellationToken)
    {
        usage.Reconcile(await calls.CountOpen(deployment, cancellationToken));
        await ReadNextBatch(cancellationToken);
    }

    /// <summary>
    /// Adds an accepted call. Returns false if the call stays in storage, because older calls that are not in memory precede it.
    /// </summary>
    public bool TryEnqueue(CallId id)
    {
        // Calls beyond the window are read from storage when the queue reaches them.
        if (hasMore && !window.Covers(id))
            return false;
        window.Requeue(id);
        hasMore |= window.Count > MaxWindow;
        return true;
    }

    /// <summary>Reads the next batch from storage if few calls of the window are ready and storage may have more.</summary>
    public async Task Refill()
    {
        if (hasMore && window.ReadyCount < BatchSize / 2)
            await ReadNextBatch(CancellationToken.None);
    }

    /// <summary>Recounts the open calls and adds the calls of the window whose message was lost.</summary>
    public async Task Reconcile()
    {
        usage.Reconcile(await calls.CountOpen(deployment, CancellationToken.None));
        var most = window.Count + BatchSize;
        var open = await calls.ListOpen(deployment, null, most, CancellationToken.None);
        foreach (var id in open.Where(id => !hasMore || window.Covers(id)))
            window.Add(id);
        hasMore |= open.Count == most;
    }

    private async Task ReadNextBatch(CancellationToken cancellationToken)
    {
        var open = await calls.ListOpen(deployment, window.Youngest, BatchSize, cancellationToken);
        foreach (var id in open)
            window.Add(id);
        hasMore = open.Count == BatchSize;
    }
}
