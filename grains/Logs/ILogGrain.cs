using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Logs;

/// <summary>The log of one deployment, by its name: a bounded history of lines and those that come.</summary>
[Alias("log")]
public interface ILogGrain : IGrainWithStringKey
{
    /// <summary>Takes lines of a pod in their order. They are stored within a second.</summary>
    Task Append(PodName pod, IReadOnlyList<PodLogLine> lines);

    /// <summary>Lines of the history, oldest first.</summary>
    Task<IReadOnlyList<LogLine>> Read(LogQuery query);

    /// <summary>The same with the number up to which was looked.</summary>
    Task<LogChunk> Find(LogQuery query);

    /// <summary>
    /// What <paramref name="query"/> finds in the history, at once though it be nothing, then every line that comes and fits it; none twice, none
    /// lost in between. Ends when the log is removed. <see cref="LogTail"/> reads it across silos.
    /// </summary>
    /// <param name="query">Which lines.</param>
    /// <param name="seen">Of a reader that comes again: <see cref="LogChunk.Through"/> of its last chunk. It gets all that came since then, however many.</param>
    /// <param name="cancellationToken">The reader's.</param>
    IAsyncEnumerable<LogChunk> Tail(LogQuery query, long? seen, CancellationToken cancellationToken);

    /// <summary>Drops the history.</summary>
    Task Clear(CancellationToken cancellationToken);

    /// <summary>Goes for good, with its deployment.</summary>
    Task Remove(CancellationToken cancellationToken);
}
