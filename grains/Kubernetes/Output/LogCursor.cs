namespace DeployCard.Kubernetes.Output;

/// <summary>
/// Position in the log of a pod, as the timestamps of the last lines. The log API resumes only at whole seconds, so a new connection
/// repeats some lines. The cursor recognizes each of them by its timestamp. The last timestamp alone would not be enough, because the
/// timestamps of the two streams of a container are sometimes out of order.
/// </summary>
/// <param name="last">The timestamps of the last lines that were read, in their order.</param>
internal sealed class LogCursor(IEnumerable<DateTimeOffset> last)
{
    /// <summary>Number of timestamps that are kept.</summary>
    public const int MaxTimestamps = 256;

    // The maximum by which a timestamp may precede that of the previous line.
    private static readonly TimeSpan Disorder = TimeSpan.FromSeconds(1);

    private readonly Queue<DateTimeOffset> read = new(last.TakeLast(MaxTimestamps));
    private List<DateTimeOffset> expected = [];
    private (DateTimeOffset Oldest, DateTimeOffset Newest) known;
    private bool isCatchingUp;

    /// <summary>Whether no line has been read yet.</summary>
    public bool IsAtStart => read.Count == 0;

    /// <summary>Time from which a new connection must read; null for the whole log.</summary>
    public DateTimeOffset? Since => IsAtStart ? null : read.Max() - Disorder;

    /// <summary>
    /// Whether the current connection has repeated a line of an earlier one. If so, no line between the two connections is missing.
    /// </summary>
    public bool HasOverlap { get; private set; }

    /// <summary>Prepares for a new connection, which may repeat lines.</summary>
    public void BeginConnection()
    {
        (HasOverlap, isCatchingUp) = (false, !IsAtStart);
        if (isCatchingUp)
            (expected, known) = ([.. read], (read.Min(), read.Max()));
    }

    /// <summary>Whether a line with that timestamp has not been read yet.</summary>
    public bool IsNew(DateTimeOffset at) => !isCatchingUp || (at >= known.Oldest && !expected.Contains(at));

    /// <summary>Advances the cursor by the next line of the connection. Returns false if the line is a repetition.</summary>
    public bool TryAdvance(DateTimeOffset at)
    {
        if (!IsNew(at))
        {
            HasOverlap |= expected.Remove(at);
            return false;
        }

        // After the first newer line every line is new, even with an older timestamp: the clock of a node may be set back.
        isCatchingUp &= at <= known.Newest;
        read.Enqueue(at);
        if (read.Count > MaxTimestamps)
            read.Dequeue();
        return true;
    }
}
