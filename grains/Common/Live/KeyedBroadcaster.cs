using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Common.Live;

/// <summary>
/// Broadcasts the states of many keyed objects. A slow subscriber gets only the newest state of each object. If more than
/// <paramref name="capacity"/> objects changed since its last read, it gets a reset instead and must load a new snapshot. Publishing
/// therefore never waits, and buffers are bounded. Streams end as those of <see cref="Broadcaster{T}"/> do.
/// </summary>
/// <param name="capacity">Maximum number of changed objects that are buffered for each subscriber.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts all streams.</param>
public sealed class KeyedBroadcaster<TKey, T>(int capacity, CancellationToken stopping)
    where TKey : notnull
{
    private readonly List<Subscriber> subscribers = [];

    /// <summary>Number of open streams.</summary>
    public int SubscriberCount => subscribers.Count;

    /// <summary>Records the state of an object for each subscriber. Never waits.</summary>
    public void Publish(TKey key, T item)
    {
        foreach (var subscriber in subscribers)
            subscriber.Enqueue(key, item);
    }

    /// <inheritdoc cref="Broadcaster{T}.Abort()"/>
    public void Abort() => subscribers.ForEach(subscriber => subscriber.Abort());

    /// <summary>
    /// Streams the objects that changed since the subscriber's last read. Null means a reset: the subscriber must load a snapshot, because
    /// changes may have been dropped. The stream begins with null.
    /// </summary>
    /// <param name="filter">Selects the items to stream.</param>
    /// <param name="cancellationToken">Token that ends the subscription.</param>
    /// <exception cref="StreamRelocatedException">The grain was deactivated, or its silo stops.</exception>
    public async IAsyncEnumerable<IReadOnlyCollection<T>?> Subscribe(
        Func<T, bool> filter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var subscriber = new Subscriber(capacity, filter);
        subscribers.Add(subscriber);
        LiveMetrics.SubscriberAdded();
        try
        {
            await using var stop = stopping.UnsafeRegister(static s => ((Subscriber)s!).Abort(), subscriber);
            yield return null;
            while (await subscriber.WaitForChanges(cancellationToken))
                yield return subscriber.Drain();
        }
        finally
        {
            subscribers.Remove(subscriber);
            LiveMetrics.SubscriberRemoved();
        }
    }

    private sealed class Subscriber(int capacity, Func<T, bool> filter)
    {
        private readonly Channel<bool> changed = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
        );
        private Dictionary<TKey, T> latest = [];
        private bool hasOverflowed;

        public void Enqueue(TKey key, T item)
        {
            if (!filter(item))
                return;
            hasOverflowed |= latest.Count >= capacity && !latest.ContainsKey(key);
            if (hasOverflowed)
                latest.Clear();
            else
                latest[key] = item;
            changed.Writer.TryWrite(true);
        }

        public async ValueTask<bool> WaitForChanges(CancellationToken cancellationToken) =>
            await changed.Reader.WaitToReadAsync(cancellationToken) && changed.Reader.TryRead(out _);

        public IReadOnlyCollection<T>? Drain()
        {
            IReadOnlyCollection<T>? changes = hasOverflowed ? null : latest.Values;
            (latest, hasOverflowed) = ([], false);
            return changes;
        }

        public void Abort() => changed.Writer.TryComplete(new StreamRelocatedException());
    }
}
