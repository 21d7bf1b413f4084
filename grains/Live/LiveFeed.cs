using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Grains.Live;

/// <summary>
/// Gives what happens in a grain to those who watch it. Each has a bounded buffer in which the newest wins: nobody is waited for.
/// Its streams end when the silo stops or the grain goes, because an idle one would hold the shutdown up for 15 s.
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

    public void Complete()
    {
        foreach (var watcher in watchers)
            watcher.Writer.TryComplete();
    }

    /// <summary>
    /// What <paramref name="first"/> gives, then all that is published from the moment on at which it was asked: nothing lies between.
    /// </summary>
    public async IAsyncEnumerable<T> Watch(Func<ValueTask<IEnumerable<T>>> first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        watchers.Add(channel);
        try
        {
            await using var stop = stopping.UnsafeRegister(static c => ((Channel<T>)c!).Writer.TryComplete(), channel);
            foreach (var item in await first())
                yield return item;
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
                yield return item;
        }
        finally
        {
            watchers.Remove(channel);
        }
    }
}
