using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Grains.Live;

/// <summary>
/// Gives what happens in a grain to those who watch it. Each has a bounded buffer in which the newest wins: nobody is waited for.
/// Its streams end only when there is nothing more to come. When the silo stops or the grain goes they break off, because an idle one would hold
/// the shutdown up for 15 s; whoever watches asks again and finds the grain where it is then (see <see cref="ResumedFeed"/>).
/// </summary>
internal sealed class LiveFeed<T>(int capacity, CancellationToken stopping)
{
    private readonly List<Channel<T>> watchers = [];

    public int Watchers => watchers.Count;

    public void Publish(T item)
    {
        foreach (var watcher in watchers)
            watcher.Writer.TryWrite(item);
    }

    /// <summary>There is nothing more to come.</summary>
    public void Complete()
    {
        foreach (var watcher in watchers)
            watcher.Writer.TryComplete();
    }

    /// <summary>
    /// The grain goes; it may come again elsewhere. To be said before it asks for its deactivation, too: that waits for all streams, up to 15 s.
    /// </summary>
    public void BreakOff()
    {
        foreach (var watcher in watchers)
            BreakOff(watcher);
    }

    /// <summary>
    /// What <paramref name="first"/> gives, then all that is published from the moment on at which it was asked: nothing lies between.
    /// </summary>
    /// <exception cref="FeedMovedException">The grain has gone.</exception>
    public async IAsyncEnumerable<T> Watch(
        Func<ValueTask<IEnumerable<T>>> first,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        watchers.Add(channel);
        LiveMetrics.Came();
        try
        {
            await using var stop = stopping.UnsafeRegister(static c => BreakOff((Channel<T>)c!), channel);
            foreach (var item in await first())
                yield return item;
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
                yield return item;
        }
        finally
        {
            watchers.Remove(channel);
            LiveMetrics.Went();
        }
    }

    private static void BreakOff(Channel<T> watcher) => watcher.Writer.TryComplete(new FeedMovedException());
}
