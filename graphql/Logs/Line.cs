using System.ComponentModel.DataAnnotations;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Runtimes;

namespace DeployCard.GraphQL.Logs;

/// <summary>One line of a deployment's log.</summary>
[GraphQLName("LogLine")]
public sealed class Line
{
    private readonly LogLine line;

    internal Line(LogLine line) => this.line = line;

    /// <summary>Its number in the deployment's log; a later line has a higher one.</summary>
    public long Sequence => line.Sequence;

    /// <summary>When it arrived.</summary>
    public DateTimeOffset At => line.At;

    /// <summary>The pod that wrote it.</summary>
    public string Pod => line.Pod.Value;

    /// <summary>Where it was written.</summary>
    public LogStream Stream => line.Stream;

    /// <summary>The line without its end; ANSI colours are left in it.</summary>
    public string Text => line.Text;
}

/// <summary>Lines that come together.</summary>
[GraphQLName("LogLines")]
public sealed class Lines
{
    private readonly LogChunk chunk;

    internal Lines(LogChunk chunk) => this.chunk = chunk;

    /// <summary>The lines, oldest first.</summary>
    [GraphQLName("lines")]
    public IReadOnlyList<Line> All => [.. chunk.Lines.Select(l => new Line(l))];

    /// <summary>How many lines before them were left out because this client was too slow, or was cut off until they were kept no more.</summary>
    public long DroppedLines => chunk.DroppedLines;
}

/// <summary>Which lines of a log.</summary>
/// <param name="Last">The latest so many of those that fit, 1 to 10,000, default 1,000.</param>
/// <param name="After">Only lines with a higher sequence number.</param>
/// <param name="Before">Only lines with a lower sequence number.</param>
/// <param name="Pod">Only lines of this pod.</param>
/// <param name="Search">Only lines that hold this text, without regard to case, up to 200 characters.</param>
/// <param name="From">Only lines that arrived then or later.</param>
/// <param name="To">Only lines that arrived earlier.</param>
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
