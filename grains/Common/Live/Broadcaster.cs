using System.Threading.Channels;

namespace DeployCard.Common.Live;

/// <summary>
/// Broadcasts items to subscribers. The bounded buffer of a slow subscriber drops its oldest item when full; with a capacity of 1, the
/// subscriber gets only the latest item. <see cref="ChannelBroadcaster{TItem, TRead}"/> describes how streams end.
/// </summary>
/// <param name="capacity">Maximum number of items that are buffered for each subscriber; at least 1.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts all streams of grains. Default: never.</param>
public sealed class Broadcaster<T>(int capacity, CancellationToken stopping = default) : ChannelBroadcaster<T, T>(stopping)
{
    /// <summary>
    /// Streams the items that <paramref name="getInitialItems"/> returns, then all items published since the subscription started. No item
    /// published after the call of <paramref name="getInitialItems"/> is missed.
    /// </summary>
    /// <param name="getInitialItems">Returns the first items of the stream.</param>
    /// <param name="cancellationToken">Token that ends the subscription.</param>
    /// <exception cref="StreamRelocatedException">The grain was deactivated, or its silo stops.</exception>
    public IAsyncEnumerable<T> Subscribe(Func<ValueTask<IEnumerable<T>>> getInitialItems, CancellationToken cancellationToken) =>
        Subscribe(CreateBuffer(), getInitialItems, cancellationToken);

    /// <summary>
    /// Subscribes immediately, for a reader inside this silo. The subscription is not a stream of a grain: the metric of these streams does
    /// not count it, and only <see cref="ChannelBroadcaster{TItem, TRead}.Complete"/> ends it.
    /// </summary>
    public Subscription<T> Subscribe() => Subscribe(static () => { });

    /// <inheritdoc cref="Subscribe()"/>
    /// <param name="onRemoved">Called after each disposal of the subscription.</param>
    internal Subscription<T> Subscribe(Action onRemoved)
    {
        var buffer = CreateBuffer();
        Add(buffer);
        return new(
            buffer,
            () =>
            {
                Remove(buffer);
                onRemoved();
            }
        );
    }

    private Channel<T> CreateBuffer() =>
        Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest });
}
