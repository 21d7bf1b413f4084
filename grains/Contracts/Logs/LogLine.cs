using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Contracts.Logs;

/// <summary>One line of a deployment's log.</summary>
/// <param name="Sequence">
/// Sequence number in the log of the deployment, from 1. A later line has a higher number, usually the next one; numbers may be
/// skipped. Two lines have the same number only if a silo was killed while storage was unavailable.
/// </param>
/// <param name="At">Time at which the line arrived, UTC.</param>
/// <param name="Pod">Name of the pod that wrote the line.</param>
/// <param name="Stream">Stream to which the line was written.</param>
/// <param name="Text">Text of the line, without the line ending.</param>
[GenerateSerializer, Alias("log-line"), Immutable]
public sealed record LogLine(
    [property: Id(0)] long Sequence,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] PodName Pod,
    [property: Id(3)] LogStream Stream,
    [property: Id(4)] string Text
);

/// <summary>A batch of consecutive matching lines.</summary>
/// <param name="Lines">The lines, oldest first.</param>
/// <param name="DroppedLines">
/// Number of lines before this chunk that the reader missed, because it was too slow or because it reconnected after they were trimmed.
/// For a reader with a filter this is an upper bound.
/// </param>
/// <param name="Through">Sequence number up to which the reader has received all matching lines.</param>
[GenerateSerializer, Alias("log-chunk"), Immutable]
public sealed record LogChunk(
    [property: Id(0)] IReadOnlyList<LogLine> Lines,
    [property: Id(1)] long DroppedLines = 0,
    [property: Id(2)] long Through = 0
);

/// <summary>A filter for the lines of a log, with a limit for the lines of the history.</summary>
/// <param name="Last">Maximum number of matching lines to return from the history, default 1,000.</param>
/// <param name="After">Only lines with a higher sequence number; null for no lower limit.</param>
/// <param name="Before">Only lines with a lower sequence number; null for no upper limit.</param>
/// <param name="Pod">Only lines of the pod with this name; null for all pods.</param>
/// <param name="Search">Only lines that contain this text, ignoring case; null for all lines.</param>
/// <param name="From">Only lines that arrived at or after this time; null for no lower limit.</param>
/// <param name="To">Only lines that arrived before this time; null for no upper limit.</param>
/// <param name="FromOldest">Whether to return the oldest matching lines instead of the newest.</param>
[GenerateSerializer, Alias("log-query"), Immutable]
public sealed record LogQuery(
    [property: Id(0)] int Last = 1000,
    [property: Id(1)] long? After = null,
    [property: Id(2)] long? Before = null,
    [property: Id(3)] string? Pod = null,
    [property: Id(4)] string? Search = null,
    [property: Id(5)] DateTimeOffset? From = null,
    [property: Id(6)] DateTimeOffset? To = null,
    [property: Id(7)] bool FromOldest = false
)
{
    /// <summary>Whether a line meets every condition of the query.</summary>
    public bool Matches(LogLine line) =>
        line.Sequence > (After ?? 0)
        && line.Sequence < (Before ?? long.MaxValue)
        && MatchesPod(line)
        && line.At >= (From ?? DateTimeOffset.MinValue)
        && line.At < (To ?? DateTimeOffset.MaxValue)
        && (Search is null || line.Text.Contains(Search, StringComparison.OrdinalIgnoreCase));

    internal bool MatchesPod(LogLine line) => Pod is null || line.Pod.Value == Pod;
}
