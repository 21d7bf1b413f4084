using System.Runtime.CompilerServices;
using DeployCard.Client.Cluster;
using DeployCard.Client.Live;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;

namespace DeployCard.Client.Logs;

/// <summary>
/// Streams the log of a deployment across moves of its grain, without duplicates and without losing lines that are still kept. All
/// readers on this silo share one stream from the grain.
/// </summary>
public sealed class LogFollower(IGrainFactory grains, GrainRetry retry, ResumableStream streams)
{
    private readonly Lock sync = new();
    private readonly Dictionary<DeploymentName, SharedLogStream> tails = [];

    /// <summary>Streams the matching lines of the history and then every new line that matches. Ends when the log is removed.</summary>
    public async IAsyncEnumerable<LogChunk> Follow(
        DeploymentName deployment,
        LogQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (tail, reader) = Subscribe(deployment);
        try
        {
            // Wait for the shared stream before reading the history. Every line after the history is then in the stream.
            await tail.Started.WaitAsync(cancellationToken);
            var history = await retry.Execute(() => Log(deployment).ReadChunk(query), cancellationToken);
            if (history.Lines.Count > 0)
                yield return history;
            reader.SkipThrough(history.Through);
            await foreach (var chunk in reader.Read(query, cancellationToken))
                yield return chunk;
        }
        finally
        {
            Unsubscribe(deployment, tail, reader);
        }
    }

    private (SharedLogStream Tail, SharedLogReader Reader) Subscribe(DeploymentName deployment)
    {
        lock (sync)
        {
            if (tails.TryGetValue(deployment, out var tail) && tail.TrySubscribe() is { } reader)
                return (tail, reader);
            tails[deployment] = tail = new(
                (seen, token) => streams.Read(ask => Log(deployment).Tail(SharedLogStream.UnfilteredQuery, seen(), ask), token)
            );
            return (tail, tail.TrySubscribe()!);
        }
    }

    private void Unsubscribe(DeploymentName deployment, SharedLogStream tail, SharedLogReader reader)
    {
        lock (sync)
        {
            if (!tail.Unsubscribe(reader))
                return;
            if (tails.GetValueOrDefault(deployment) == tail)
                tails.Remove(deployment);
        }

        tail.Dispose();
    }

    private ILogGrain Log(DeploymentName deployment) => grains.GetGrain<ILogGrain>(deployment.Value);
}
