namespace DeployCard.Grains.Runtimes;

/// <summary>One line that a pod wrote.</summary>
/// <param name="At">When it arrived, UTC.</param>
/// <param name="Stream">Where it was written, or that the runtime itself speaks.</param>
/// <param name="Text">The line without its end: valid Unicode, bounded in length (16 KiB), with a mark where it was cut.</param>
/// <param name="DroppedLines">How many lines were left out just before it; 0 mostly.</param>
[GenerateSerializer, Alias("pod-log-line"), Immutable]
public sealed record PodLogLine(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] LogStream Stream,
    [property: Id(2)] string Text,
    [property: Id(3)] long DroppedLines = 0
);

/// <summary>Where a log line comes from.</summary>
public enum LogStream
{
    /// <summary>Standard output of the serving script.</summary>
    Stdout,

    /// <summary>Standard error of the serving script.</summary>
    Stderr,

    /// <summary>DeployCard: a start, an end, lines left out.</summary>
    System,
}
