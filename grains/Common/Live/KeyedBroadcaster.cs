namespace DeployCard.Common.Live;

/// <summary>
/// Broadcasts the states of many keyed objects. A slow subscriber gets only the newest state of each object. If more than
/// <paramref name="capacity"/> objects changed since its last read, it gets a reset instead and must load a new snapshot. Publishing
/// therefore never waits, and buffers are bounded. <see cref="ChannelBroadcaster{TItem, TRead}"/> describes how streams end.
/// </summary>
/// <param name="capacity">Maximum number of changed objects that are buffered for each subscriber.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts all streams.</param>
public sealed class KeyedBroadcaster<TKey, T>(int capacity, CancellationToken stopping)
    : ChannelBroadcaster<KeyValuePair<TKey, T>, IReadOnlyCollection<T>?>(stopping)
    where TKey : notnull
{
    /// <summary>Records the state of an object for each subscriber. Never waits.</summary>
    public void Publish(TKey key, T item) => Publish(new(key, item));

    /// <summary>
    /// Streams the objects that changed since the subscriber's last read. Null means a reset: the subscriber must load a snapshot, because
    /// changes may have been dropped. The stream begins with null.
    /// </summary>
    /// <param name="filter">Selects the items to stream.</param>
    /// <param name="cancellationToken">Token that ends the subscription.</param>
    /// <exception cref="StreamRelocatedException">The grain was deactivated, or its silo stops.</exception>
    public IAsyncEnumerable<IReadOnlyCollection<T>?> Subscribe(Func<T, bool> filter, CancellationToken cancellationToken) =>
        Subscribe(new LatestPerKeyChannel<TKey, T>(capacity, filter), static () => new([null]), cancellationToken);
}
