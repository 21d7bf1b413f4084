using System.Threading.Channels;

namespace DeployCard.Common.Live;

/// <summary>
/// Channel that keeps the latest item of each key. One read returns all items since the previous read, or null if more keys
/// changed than the capacity and all items were dropped.
/// </summary>
internal sealed class LatestPerKeyChannel<TKey, T> : Channel<KeyValuePair<TKey, T>, IReadOnlyCollection<T>?>
    where TKey : notnull
{
    private readonly Lock sync = new();
    private readonly int capacity;
    private readonly Func<T, bool> filter;
    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private Dictionary<TKey, T> latest = [];
    private bool hasOverflowed;

    /// <summary>Creates an empty channel.</summary>
    /// <param name="capacity">Maximum number of keys with an unread item.</param>
    /// <param name="filter">Selects the items to keep; all others are ignored.</param>
    public LatestPerKeyChannel(int capacity, Func<T, bool> filter)
    {
        (this.capacity, this.filter) = (capacity, filter);
        (Writer, Reader) = (new KeyWriter(this), new KeyReader(this));
    }

    private bool TryWrite(TKey key, T item)
    {
        if (!filter(item))
            return true;
        lock (sync)
        {
            hasOverflowed |= latest.Count >= capacity && !latest.ContainsKey(key);
            if (hasOverflowed)
                latest.Clear();
            else
                latest[key] = item;
            return changed.Writer.TryWrite(true);
        }
    }

    private bool TryRead(out IReadOnlyCollection<T>? items)
    {
        lock (sync)
        {
            items = hasOverflowed ? null : latest.Values;
            if (!changed.Reader.TryRead(out _))
                return false;
            (latest, hasOverflowed) = ([], false);
            return true;
        }
    }

    private sealed class KeyWriter(LatestPerKeyChannel<TKey, T> channel) : ChannelWriter<KeyValuePair<TKey, T>>
    {
        public override bool TryWrite(KeyValuePair<TKey, T> item) => channel.TryWrite(item.Key, item.Value);

        public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) =>
            channel.changed.Writer.WaitToWriteAsync(cancellationToken);

        public override bool TryComplete(Exception? error = null) => channel.changed.Writer.TryComplete(error);
    }

    private sealed class KeyReader(LatestPerKeyChannel<TKey, T> channel) : ChannelReader<IReadOnlyCollection<T>?>
    {
        public override bool TryRead(out IReadOnlyCollection<T>? item) => channel.TryRead(out item);

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
            channel.changed.Reader.WaitToReadAsync(cancellationToken);
    }
}
