using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Common.Live;

/// <summary>
/// Broadcasts the items of a grain to its subscribers. Each subscriber has a bounded buffer that drops the oldest item when full, so
/// publishing never waits. Streams complete only if no further items can follow. If the silo stops or the grain deactivates, streams are
/// aborted, because an open stream would delay the shutdown by 15 s. The subscriber then opens the stream again on the grain's new silo
/// (see <c>ResumableStream</c>).
/// </summary>
/// <param name="capacity">Maximum number of items that are buffered for each subscriber.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts all streams.</param>
public sealed class Broadcaster<T>(int capacity, CancellationToken stopping)
{
    private readonly List<Channel<T>> subscribers = [];

    /// <summary>Number of open streams.</summary>
    public int SubscriberCount => subscribers.Count;

    /// <summary>Adds an item to the buffer of each subscriber. Never waits.</summary>
    public void Publish(T item)
    {
        foreach (var subscriber in subscribers)
            subscriber.Writer.TryWrite(item);
    }

    /// <summary>Completes all streams because no further items can follow.</summary>
    public void Complete()
    {
        foreach (var subscriber in subscribers)
            subscriber.Writer.TryComplete();
    }

    /// <summary>
    /// Aborts all streams because the grain deactivates; it may be activated on another silo. A grain also calls this before it requests
    /// its own deactivation, because Orleans waits up to 15 s for open streams.
    /// </summary>
    public void Abort()
    {
        foreach (var subscriber in subscribers)
            Abort(subscriber);
    }

    /// <summary>
    /// Streams the items that <paramref name="getInitialItems"/> returns, then all items published since the subscription started. No item
    /// published after the call of <paramref name="getInitialItems"/> is missed.
    /// </summary>
    /// <exception cref="StreamRelocatedException">The grain was deactivated, or its silo stops.</exception>
    public async IAsyncEnumerable<T> Subscribe(
        Func<ValueTask<IEnumerable<T>>> getInitialItems,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        subscribers.Add(channel);
        LiveMetrics.SubscriberAdded();
        try
        {
            await using var stop = stopping.UnsafeRegister(static c => Abort((Channel<T>)c!), channel);
            foreach (var item in await getInitialItems())
                yield return item;
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
                yield return item;
        }
        finally
        {
            subscribers.Remove(channel);
            LiveMetrics.SubscriberRemoved();
        }
    }

    private static void Abort(Channel<T> subscriber) => subscriber.Writer.TryComplete(new StreamRelocatedException());
}
