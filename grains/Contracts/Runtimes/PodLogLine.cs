namespace DeployCard.Contracts.Runtimes;

/// <summary>One line of a pod's log.</summary>
/// <param name="At">Time at which the line arrived, UTC.</param>
/// <param name="Stream">The stream that the line was written to, or the runtime itself.</param>
/// <param name="Text">
/// The line without its line ending: valid Unicode, at most 16 KiB by default; a longer line is truncated and marked.
/// </param>
/// <param name="DroppedLines">Number of lines that were dropped directly before this one; usually 0.</param>
[GenerateSerializer, Alias("pod-log-line"), Immutable]
public sealed record PodLogLine(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] LogStream Stream,
    [property: Id(2)] string Text,
    [property: Id(3)] long DroppedLines = 0
);

/// <summary>Source of a log line.</summary>
public enum LogStream
{
    /// <summary>Standard output of the serving script.</summary>
    Stdout,

    /// <summary>Standard error of the serving script.</summary>
    Stderr,

    /// <summary>A message from DeployCard, for example about a start, an end or dropped lines.</summary>
    System,
}
