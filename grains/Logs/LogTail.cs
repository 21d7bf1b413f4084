using System.Runtime.CompilerServices;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;

namespace DeployCard.Grains.Logs;

/// <summary>Follows a deployment's log from silo to silo: no line twice, and none lost that is still kept.</summary>
public sealed class LogTail(IGrainFactory grains, ResumedFeed feed)
{
    /// <summary>What <paramref name="query"/> finds in the history, then every line that comes and fits it; ends when the log is gone.</summary>
    public async IAsyncEnumerable<LogChunk> Follow(DeploymentName deployment, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var log = grains.GetGrain<ILogGrain>(deployment.Value);
        long? seen = null;
        await foreach (var chunk in feed.Read(token => log.Tail(query, seen, token), cancellationToken))
        {
            seen = chunk.Through;
            if (chunk.Lines.Count > 0 || chunk.LeftOut > 0)
                yield return chunk;
        }
    }
}
