using System.Runtime.CompilerServices;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;

namespace DeployCard.Grains.Logs;

/// <summary>
/// Follows a deployment's log from silo to silo: no line twice, and none lost that is still kept. However many follow one log here, it comes from
/// its grain once.
/// </summary>
public sealed class LogTail(IGrainFactory grains, RepeatableCalls calls, ResumedFeed feed)
{
    private readonly Lock sync = new();
    private readonly Dictionary<DeploymentName, SharedTail> tails = [];

    /// <summary>What <paramref name="query"/> finds in the history, then every line that comes and fits it; ends when the log is gone.</summary>
    public async IAsyncEnumerable<LogChunk> Follow(
        DeploymentName deployment,
        LogQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (tail, reader) = Enter(deployment);
        try
        {
            // Before the history is read: what comes after that is among what is shared.
            await tail.Begun.WaitAsync(cancellationToken);
            var history = await calls.Make(() => Log(deployment).Find(query), cancellationToken);
            if (history.Lines.Count > 0)
                yield return history;
            reader.Knows(history.Through);
            await foreach (var chunk in reader.Read(query, cancellationToken))
                yield return chunk;
        }
        finally
        {
            Leave(deployment, tail, reader);
        }
    }

    private (SharedTail Tail, TailReader Reader) Enter(DeploymentName deployment)
    {
        lock (sync)
        {
            if (tails.TryGetValue(deployment, out var tail) && tail.TryEnter() is { } reader)
                return (tail, reader);
            tails[deployment] = tail = new(
                (seen, token) => feed.Read(ask => Log(deployment).Tail(SharedTail.Everything, seen(), ask), token)
            );
            return (tail, tail.TryEnter()!);
        }
    }

    private void Leave(DeploymentName deployment, SharedTail tail, TailReader reader)
    {
        lock (sync)
        {
            if (!tail.Leave(reader))
                return;
            if (tails.GetValueOrDefault(deployment) == tail)
                tails.Remove(deployment);
        }

        tail.Dispose();
    }

    private ILogGrain Log(DeploymentName deployment) => grains.GetGrain<ILogGrain>(deployment.Value);
}
