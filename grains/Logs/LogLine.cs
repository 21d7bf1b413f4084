using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Logs;

/// <summary>One line of a deployment's log.</summary>
/// <param name="Sequence">Its number in the deployment's log, from 1; a later line has a higher one, mostly the next. No two lines ever have the same.</param>
/// <param name="At">When it arrived, UTC.</param>
/// <param name="Pod">The pod that wrote it.</param>
/// <param name="Stream">Where it was written.</param>
/// <param name="Text">The line without its end.</param>
[GenerateSerializer, Alias("log-line"), Immutable]
public sealed record LogLine(
    [property: Id(0)] long Sequence,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] PodName Pod,
    [property: Id(3)] LogStream Stream,
    [property: Id(4)] string Text
);

/// <summary>Lines that come together.</summary>
/// <param name="Lines">The lines, in order.</param>
/// <param name="DroppedLines">How many lines before them were left out because the reader was too slow, or came again when they were kept no more; of a reader that looks for some lines only, at most so many.</param>
/// <param name="Through">The number up to which the reader has all that fits.</param>
[GenerateSerializer, Alias("log-chunk"), Immutable]
public sealed record LogChunk(
    [property: Id(0)] IReadOnlyList<LogLine> Lines,
    [property: Id(1)] long DroppedLines = 0,
    [property: Id(2)] long Through = 0
);

/// <summary>Which lines of the history.</summary>
/// <param name="Last">The latest so many of those that fit, 1 to 10,000.</param>
/// <param name="After">Only lines with a higher sequence number.</param>
/// <param name="Before">Only lines with a lower sequence number.</param>
/// <param name="Pod">Only lines of this pod.</param>
/// <param name="Search">Only lines that hold this text, without regard to case.</param>
/// <param name="From">Only lines that arrived then or later.</param>
/// <param name="To">Only lines that arrived earlier.</param>
/// <param name="Oldest">The first ones of those that fit, and not the latest.</param>
[GenerateSerializer, Alias("log-query"), Immutable]
public sealed record LogQuery(
    [property: Id(0)] int Last = 1000,
    [property: Id(1)] long? After = null,
    [property: Id(2)] long? Before = null,
    [property: Id(3)] string? Pod = null,
    [property: Id(4)] string? Search = null,
    [property: Id(5)] DateTimeOffset? From = null,
    [property: Id(6)] DateTimeOffset? To = null,
    [property: Id(7)] bool Oldest = false
)
{
    internal bool Fits(LogLine line) =>
        line.Sequence > (After ?? 0)
        && line.Sequence < (Before ?? long.MaxValue)
        && FitsPod(line)
        && line.At >= (From ?? DateTimeOffset.MinValue)
        && line.At < (To ?? DateTimeOffset.MaxValue)
        && (Search is null || line.Text.Contains(Search, StringComparison.OrdinalIgnoreCase));

    internal bool FitsPod(LogLine line) => Pod is null || line.Pod.Value == Pod;
}
