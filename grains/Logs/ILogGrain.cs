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

    /// <summary>What <paramref name="query"/> finds in the history, then every line that comes and fits it; none twice, none lost in between.</summary>
    IAsyncEnumerable<LogChunk> Tail(LogQuery query, CancellationToken cancellationToken);

    /// <summary>Drops the history.</summary>
    Task Clear(CancellationToken cancellationToken);
}
