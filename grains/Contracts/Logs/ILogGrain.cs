using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Contracts.Logs;

/// <summary>The log of one deployment: a bounded history and a live stream of new lines. The key is the name of the deployment.</summary>
[Alias("log")]
public interface ILogGrain : IGrainWithStringKey
{
    /// <summary>Appends lines of a pod, in order. They are stored within <c>LogOptions.FlushInterval</c>.</summary>
    Task Append(PodName pod, IReadOnlyList<PodLogLine> lines);

    /// <summary>Returns the lines of the history that match a query, oldest first.</summary>
    Task<IReadOnlyList<LogLine>> Read(LogQuery query);

    /// <summary>Returns the result of <see cref="Read"/> together with the highest sequence number that was searched.</summary>
    Task<LogChunk> ReadChunk(LogQuery query);

    /// <summary>
    /// Streams the matching lines of the history and then every new line that matches, without gaps or duplicates in between. The first
    /// chunk follows immediately, even if it is empty. Ends when the log is removed. <c>LogFollower</c> reads the stream across
    /// silos.
    /// </summary>
    /// <param name="query">Filter for the lines, and the limit for the lines of the history.</param>
    /// <param name="seen">
    /// To resume, <see cref="LogChunk.Through"/> of the last chunk received: the stream then starts with all matching lines after it
    /// that are still kept, regardless of the limit. Null for a new reader.
    /// </param>
    /// <param name="cancellationToken">Canceled when the reader unsubscribes.</param>
    IAsyncEnumerable<LogChunk> Tail(LogQuery query, long? seen, CancellationToken cancellationToken);

    /// <summary>Deletes all lines of the history.</summary>
    Task Clear(CancellationToken cancellationToken);

    /// <summary>Deletes the log and ends its streams, because the deployment is purged.</summary>
    Task Remove(CancellationToken cancellationToken);
}
