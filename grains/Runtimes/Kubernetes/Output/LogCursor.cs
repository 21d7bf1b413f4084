namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>
/// How far a pod's log was read, by the times of the last lines. A server begins again at a whole second, so a reader that comes again is given some
/// lines once more. They are known one by one: the two streams of a container are written with times that are now and then out of order.
/// </summary>
/// <param name="last">The times of the lines that were taken last, in their order.</param>
internal sealed class LogCursor(IEnumerable<DateTimeOffset> last)
{
    /// <summary>How many times are kept.</summary>
    public const int Kept = 256;

    // How much earlier than the line before it a line may be.
    private static readonly TimeSpan Disorder = TimeSpan.FromSeconds(1);

    private readonly Queue<DateTimeOffset> taken = new(last.TakeLast(Kept));
    private List<DateTimeOffset> expected = [];
    private (DateTimeOffset Oldest, DateTimeOffset Newest) known;
    private bool isCatchingUp;

    /// <summary>Whether nothing was taken yet.</summary>
    public bool IsAtStart => taken.Count == 0;

    /// <summary>From when on lines are wanted; null for all.</summary>
    public DateTimeOffset? Since => IsAtStart ? null : taken.Max() - Disorder;

    /// <summary>Whether this connection has shown a line that was taken before it: then nothing lies between the two.</summary>
    public bool HasMet { get; private set; }

    /// <summary>A connection begins, maybe with lines that were taken already.</summary>
    public void Begin()
    {
        (HasMet, isCatchingUp) = (false, !IsAtStart);
        if (isCatchingUp)
            (expected, known) = ([.. taken], (taken.Min(), taken.Max()));
    }

    /// <summary>Whether <see cref="Take"/> would take a line.</summary>
    public bool IsNew(DateTimeOffset at) => !isCatchingUp || (at >= known.Oldest && !expected.Contains(at));

    /// <summary>Takes the connection's next line; false where it was taken before.</summary>
    public bool Take(DateTimeOffset at)
    {
        if (!IsNew(at))
        {
            HasMet |= expected.Remove(at);
            return false;
        }

        // Once it has caught up it takes what comes: a node's clock may be set back.
        isCatchingUp &= at <= known.Newest;
        taken.Enqueue(at);
        if (taken.Count > Kept)
            taken.Dequeue();
        return true;
    }
}
