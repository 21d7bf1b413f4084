using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Grains.Live;

/// <summary>
/// Gives the states of many things to those who watch them. Who reads slowly gets the newest of each; of more than so many changed things it is told to
/// begin anew instead: nobody is waited for, and no buffer grows. It ends as <see cref="LiveFeed{T}"/> does.
/// </summary>
internal sealed class LatestFeed<TKey, T>(int capacity, CancellationToken stopping)
    where TKey : notnull
{
    private readonly List<Watcher> watchers = [];

    public int Watchers => watchers.Count;

    public void Publish(TKey key, T item)
    {
        foreach (var watcher in watchers)
            watcher.Put(key, item);
    }

    /// <inheritdoc cref="LiveFeed{T}.BreakOff()"/>
    public void BreakOff() => watchers.ForEach(watcher => watcher.BreakOff());

    /// <summary>What has changed since the last look; null: begin anew, as at first, for what was given so far may be out of date.</summary>
    /// <param name="fits">Which items are wanted.</param>
    /// <param name="cancellationToken">The watcher's.</param>
    /// <exception cref="FeedMovedException">The grain has gone.</exception>
    public async IAsyncEnumerable<IReadOnlyCollection<T>?> Watch(
        Func<T, bool> fits,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var watcher = new Watcher(capacity, fits);
        watchers.Add(watcher);
        LiveMetrics.Came();
        try
        {
            await using var stop = stopping.UnsafeRegister(static w => ((Watcher)w!).BreakOff(), watcher);
            yield return null;
            while (await watcher.Wait(cancellationToken))
                yield return watcher.Take();
        }
        finally
        {
            watchers.Remove(watcher);
            LiveMetrics.Went();
        }
    }

    private sealed class Watcher(int capacity, Func<T, bool> fits)
    {
        private readonly Channel<bool> changed = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
        );
        private Dictionary<TKey, T> latest = [];
        private bool isOverfull;

        public void Put(TKey key, T item)
        {
            if (!fits(item))
                return;
            isOverfull |= latest.Count >= capacity && !latest.ContainsKey(key);
            if (isOverfull)
                latest.Clear();
            else
                latest[key] = item;
            changed.Writer.TryWrite(true);
        }

        public async ValueTask<bool> Wait(CancellationToken cancellationToken) =>
            await changed.Reader.WaitToReadAsync(cancellationToken) && changed.Reader.TryRead(out _);

        public IReadOnlyCollection<T>? Take()
        {
            IReadOnlyCollection<T>? taken = isOverfull ? null : latest.Values;
            (latest, isOverfull) = ([], false);
            return taken;
        }

        public void BreakOff() => changed.Writer.TryComplete(new FeedMovedException());
    }
}
