using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Kubernetes.Output;

/// <summary>Progress of reading the log of one pod, across connections and container runs.</summary>
internal sealed class LogReadState(PodName pod, IReadOnlyList<DateTimeOffset> last, TimeProvider time)
{
    // Interval at which a node checks whether to rotate log files; only the newest file can be read.
    private static readonly TimeSpan RotationInterval = TimeSpan.FromSeconds(10);

    private readonly LogCursor cursor = new(last);

    // Whether lines were read from the run after the last complete one.
    private bool hasOpenRun = last.Count > 0;
    private int lastCompleteRun = -1;
    private DateTimeOffset? at;
    private string? lastMessage;
    private long? lastLineAt;
    private bool isAbandoned;
    private bool isSplit;
    private IReadOnlyList<TimestampedLine> rest = [];

    public PodName Pod => pod;

    /// <summary>Time from which a new connection must read; null for the whole log.</summary>
    public DateTimeOffset? Since => cursor.Since;

    /// <summary>Whether the connection overlaps with an earlier one, so that no line between them is missing.</summary>
    public bool HasOverlap => cursor.HasOverlap;

    /// <summary>Whether a new line was read since the last <see cref="ResetHasNewLines"/>.</summary>
    public bool HasNewLines { get; private set; }

    /// <summary>Sets <see cref="HasNewLines"/> to false.</summary>
    public void ResetHasNewLines() => HasNewLines = false;

    /// <summary>Prepares for a new connection.</summary>
    public void BeginConnection()
    {
        cursor.BeginConnection();
        at = null;
    }

    public bool IsNew(TimestampedLine line) => line.At is { } when && cursor.IsNew(when);

    /// <summary>Returns the line to append to the log; null if the line is a repetition.</summary>
    public PodLogLine? Accept(TimestampedLine line)
    {
        // A part of a line after a carriage return has no timestamp.
        at = line.At ?? at;
        if (at is not { } when)
            return ToSystemLine(line.Text);
        if (!cursor.TryAdvance(when))
            return null;
        HasNewLines = hasOpenRun = true;
        (lastLineAt, isAbandoned) = (time.GetTimestamp(), false);
        var isRemainder = isSplit && line.Text.Length == 0;
        isSplit = false;
        return isRemainder ? null : new(when, LogStream.Stdout, line.Text);
    }

    /// <summary>Notes that a silent connection is abandoned and another one replaces it.</summary>
    public void AbandonConnection() => isAbandoned = true;

    /// <summary>
    /// Notes the end of a connection. Its unterminated last line is kept; a later connection may repeat the line completely.
    /// </summary>
    public void EndConnection(LogConnection connection)
    {
        if (connection.WasOpened)
            rest = connection.UnterminatedLine;
        if (connection.Failure is not null)
            isAbandoned = false;
    }

    /// <summary>Returns the unterminated last line, once it cannot be completed any longer.</summary>
    public IEnumerable<PodLogLine> FlushUnterminatedLine()
    {
        BeginConnection();
        // A line without text may have been cut within its timestamp.
        foreach (var line in rest.Where(line => line.Text.Length > 0))
        {
            if (Accept(line) is { } taken)
                yield return taken;
        }

        rest = [];
    }

    /// <summary>
    /// Returns the unterminated last line of a rotated file. Rotation can split a line: its first part ends the old file. The remainder,
    /// usually empty, becomes the first line of the next file.
    /// </summary>
    public IEnumerable<PodLogLine> FlushRotatedFile()
    {
        if (!IsNextFile)
            yield break;
        foreach (var line in FlushUnterminatedLine())
        {
            yield return line;
            isSplit = true;
        }

        isAbandoned = true;
    }

    /// <summary>Notes that all runs up to the given one were read to their end.</summary>
    public void CompleteRuns(int run) => (lastCompleteRun, hasOpenRun) = (run, false);

    /// <summary>Returns a notice if lines may be missing before the given run; null if no line can be missing.</summary>
    public PodLogLine? CreateGapNotice(int run) =>
        !HasOverlap && !IsNextFile && (hasOpenRun || run > lastCompleteRun + 1)
            ? new(
                time.GetUtcNow(),
                LogStream.System,
                "Lines may be missing here: Kubernetes keeps only the newest log file of a container and only its last two runs."
            )
            : null;

    /// <summary>
    /// Whether the next connection reads the file after the one that was read completely. That is so if the last connection was abandoned
    /// without an error, too soon after its last line for a second rotation.
    /// </summary>
    private bool IsNextFile => isAbandoned && lastLineAt is { } taken && time.GetElapsedTime(taken) < RotationInterval;

    /// <summary>
    /// Returns a message of Kubernetes itself as a system line; null if it repeats the last one, as each connection does.
    /// </summary>
    private PodLogLine? ToSystemLine(string text)
    {
        if (text == lastMessage)
            return null;
        lastMessage = text;
        return new(time.GetUtcNow(), LogStream.System, text);
    }
}
