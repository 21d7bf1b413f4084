using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>How far one pod was read: by line, and by run.</summary>
internal sealed class LogReading(PodName pod, IReadOnlyList<DateTimeOffset> last, TimeProvider time)
{
    // So often a node looks for files to put away; it keeps the newest one readable only.
    private static readonly TimeSpan RotationPeriod = TimeSpan.FromSeconds(10);

    private readonly LogCursor cursor = new(last);

    // Of the run after those that are complete something was taken, of which the end was not seen.
    private bool hasOpen = last.Count > 0;
    private int complete = -1;
    private DateTimeOffset? at;
    private string? said;
    private long? takenAt;
    private bool isGivenUp;
    private bool isCut;
    private IReadOnlyList<StampedLine> rest = [];

    public PodName Pod => pod;

    /// <summary>From when on lines are wanted; null for all.</summary>
    public DateTimeOffset? Since => cursor.Since;

    /// <summary>Whether the connection goes on where an earlier one ended.</summary>
    public bool HasMet => cursor.HasMet;

    /// <summary>Whether a connection has brought anything since the last <see cref="Look"/>.</summary>
    public bool HasNew { get; private set; }

    public void Look() => HasNew = false;

    /// <summary>A connection begins.</summary>
    public void Begin()
    {
        cursor.Begin();
        at = null;
    }

    public bool IsNew(StampedLine line) => line.At is { } when && cursor.IsNew(when);

    /// <summary>A line for the log; null where it was there.</summary>
    public PodLogLine? Take(StampedLine line)
    {
        // What follows a carriage return has no time of its own.
        at = line.At ?? at;
        if (at is not { } when)
            return Say(line.Text);
        if (!cursor.Take(when))
            return null;
        HasNew = hasOpen = true;
        (takenAt, isGivenUp) = (time.GetTimestamp(), false);
        var isRemainder = isCut && line.Text.Length == 0;
        isCut = false;
        return isRemainder ? null : new(when, LogStream.Stdout, line.Text);
    }

    /// <summary>A connection is silent, and another one takes its place.</summary>
    public void GiveUp() => isGivenUp = true;

    /// <summary>A connection has ended. A last line without its end comes again, as a whole if it goes on.</summary>
    public void End(LogConnection connection)
    {
        if (connection.WasOpen)
            rest = connection.Rest;
        if (connection.Failure is not null)
            isGivenUp = false;
    }

    /// <summary>The last line that had no end, for it gets none any more.</summary>
    public IEnumerable<PodLogLine> TakeRest()
    {
        Begin();
        // Without a text it may have been cut within its time.
        foreach (var line in rest.Where(line => line.Text.Length > 0))
        {
            if (Take(line) is { } taken)
                yield return taken;
        }

        rest = [];
    }

    /// <summary>
    /// What a node cuts in two where it puts a file away: the first part of a line stands at the end of the one file, and what is left of it, mostly
    /// nothing, as a line of its own at the beginning of the next.
    /// </summary>
    public IEnumerable<PodLogLine> TakeRestOfFile()
    {
        if (!IsNextFile)
            yield break;
        foreach (var line in TakeRest())
        {
            yield return line;
            isCut = true;
        }

        isGivenUp = true;
    }

    /// <summary>All runs up to one were read to their end.</summary>
    public void Complete(int run) => (complete, hasOpen) = (run, false);

    /// <summary>That lines are missing between what was taken and a run that begins now, where that is so or cannot be told.</summary>
    public PodLogLine? Gap(int run) =>
        !HasMet && !IsNextFile && (hasOpen || run > complete + 1)
            ? new(
                time.GetUtcNow(),
                LogStream.System,
                "Lines may be missing here: of what a pod writes the platform keeps only the newest part, and of earlier runs only the last one."
            )
            : null;

    /// <summary>Whether what comes is the file after the one of which all was read: its connection did not break, and there was no time to put two away.</summary>
    private bool IsNextFile => isGivenUp && takenAt is { } taken && time.GetElapsedTime(taken) < RotationPeriod;

    /// <summary>The platform says something itself, with each connection anew.</summary>
    private PodLogLine? Say(string text)
    {
        if (text == said)
            return null;
        said = text;
        return new(time.GetUtcNow(), LogStream.System, text);
    }
}
