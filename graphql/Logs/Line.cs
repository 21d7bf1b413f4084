using System.ComponentModel.DataAnnotations;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.GraphQL.Logs;

/// <summary>One line of a deployment's log.</summary>
[GraphQLName("LogLine")]
public sealed class Line
{
    private readonly LogLine line;

    internal Line(LogLine line) => this.line = line;

    /// <summary>Sequence number within the deployment's log, starting at 1; later lines have higher numbers, with gaps possible.</summary>
    public long Sequence => line.Sequence;

    /// <summary>Time when the line arrived.</summary>
    public DateTimeOffset At => line.At;

    /// <summary>Name of the pod that wrote the line.</summary>
    public string Pod => line.Pod.Value;

    /// <summary>Stream that the line was written to.</summary>
    public LogStream Stream => line.Stream;

    /// <summary>
    /// Text without the line terminator, including ANSI color sequences. Very long lines are truncated, by default after 16 KiB.
    /// </summary>
    public string Text => line.Text;
}

/// <summary>A batch of log lines.</summary>
[GraphQLName("LogLines")]
public sealed class Lines
{
    private readonly LogChunk chunk;

    internal Lines(LogChunk chunk) => this.chunk = chunk;

    /// <summary>Lines of the batch, oldest first.</summary>
    [GraphQLName("lines")]
    public IReadOnlyList<Line> All => [.. chunk.Lines.Select(l => new Line(l))];

    /// <summary>
    /// Number of lines lost before this batch because the client was too slow, or reconnected after the lines were trimmed. An upper bound
    /// if the query filters lines.
    /// </summary>
    public long DroppedLines => chunk.DroppedLines;
}

/// <summary>Filter for log lines. All given conditions must match.</summary>
/// <param name="Last">Maximum number of matching lines, the most recent ones, 1 to 10,000, default 1,000.</param>
/// <param name="After">Only lines with a higher sequence number; null if unlimited.</param>
/// <param name="Before">Only lines with a lower sequence number; null if unlimited.</param>
/// <param name="Pod">Only lines of the pod with this name; null includes all pods.</param>
/// <param name="Search">Only lines that contain this text, case-insensitive, at most 200 characters; null includes all lines.</param>
/// <param name="From">Only lines that arrived at or after this time; null if unlimited.</param>
/// <param name="To">Only lines that arrived before this time; null if unlimited.</param>
public sealed record LogQueryInput(
    [property: Range(1, 10_000)] int Last = 1000,
    long? After = null,
    long? Before = null,
    string? Pod = null,
    [property: StringLength(200)] string? Search = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null
)
{
    internal static LogQuery ToQuery(LogQueryInput? input) =>
        input is null ? new() : new(input.Last, input.After, input.Before, input.Pod, input.Search, input.From, input.To);
}
