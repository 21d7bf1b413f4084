using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Common.Live;

/// <summary>
/// Broadcasts items to subscribers. Each subscriber reads from its own bounded channel, which decides what a slow subscriber misses:
/// <see cref="Broadcaster{T}"/> drops the oldest items, and <see cref="KeyedBroadcaster{TKey, T}"/> keeps the latest item of each key.
/// Publishing therefore never waits, and buffers are bounded. All members are safe for concurrent use.
/// </summary>
/// <remarks>
/// Streams of grains complete only if no further items can follow. If the silo stops or the grain deactivates, they are aborted, because an
/// open stream would delay the shutdown by 15 s. The subscriber then opens the stream again on the grain's new silo (see
/// <c>ResumableStream</c>).
/// </remarks>
/// <typeparam name="TItem">Type of the published items.</typeparam>
/// <typeparam name="TRead">Type of what a subscriber reads: one item, or all items since its last read.</typeparam>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts all streams of <see cref="Subscribe"/>.</param>
public abstract class ChannelBroadcaster<TItem, TRead>(CancellationToken stopping)
{
    private readonly Lock sync = new();
    private readonly List<Channel<TItem, TRead>> subscribers = [];

    /// <summary>Number of subscribers that have not unsubscribed yet.</summary>
    public int SubscriberCount
    {
        get
        {
            lock (sync)
                return subscribers.Count;
        }
    }

    /// <summary>Adds an item to the buffer of each subscriber. Never waits.</summary>
    public void Publish(TItem item)
    {
        lock (sync)
        {
            foreach (var subscriber in subscribers)
                subscriber.Writer.TryWrite(item);
        }
    }

    /// <summary>Completes all streams because no further items can follow. Buffered items can still be read.</summary>
    /// <param name="failure">Exception that is thrown to the subscribers after the buffered items; null if none.</param>
    public void Complete(Exception? failure = null)
    {
        lock (sync)
        {
            foreach (var subscriber in subscribers)
                subscriber.Writer.TryComplete(failure);
        }
    }

    /// <summary>
    /// Aborts all streams because the grain deactivates; it may be activated on another silo. A grain also calls this before it requests
    /// its own deactivation, because Orleans waits up to 15 s for open streams.
    /// </summary>
    public void Abort() => Complete(new StreamRelocatedException());

    /// <summary>
    /// Streams the items that <paramref name="getInitialItems"/> returns, then all items published since the subscription started. No item
    /// published after the call of <paramref name="getInitialItems"/> is missed.
    /// </summary>
    /// <param name="buffer">Bounded channel of the new subscriber; writing to it must not wait.</param>
    /// <param name="getInitialItems">Returns the first items of the stream.</param>
    /// <param name="cancellationToken">Token that ends the subscription.</param>
    /// <exception cref="StreamRelocatedException">The grain was deactivated, or its silo stops.</exception>
    protected async IAsyncEnumerable<TRead> Subscribe(
        Channel<TItem, TRead> buffer,
        Func<ValueTask<IEnumerable<TRead>>> getInitialItems,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Add(buffer);
        LiveMetrics.SubscriberAdded();
        try
        {
            await using var stop = stopping.UnsafeRegister(
                static b => ((Channel<TItem, TRead>)b!).Writer.TryComplete(new StreamRelocatedException()),
                buffer
            );
            foreach (var item in await getInitialItems())
                yield return item;
            await foreach (var item in buffer.Reader.ReadAllAsync(cancellationToken))
                yield return item;
        }
        finally
        {
            Remove(buffer);
            LiveMetrics.SubscriberRemoved();
        }
    }

    private protected void Add(Channel<TItem, TRead> buffer)
    {
        lock (sync)
            subscribers.Add(buffer);
    }

    private protected void Remove(Channel<TItem, TRead> buffer)
    {
        lock (sync)
            subscribers.Remove(buffer);
    }
}
