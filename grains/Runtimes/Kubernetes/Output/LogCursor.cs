using System.Globalization;
using DeployCard.Grains.Logs;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>
/// How far a pod's log was read. A server begins again at a whole second, so a reader that comes again is given some lines once more: those are known by
/// their time, and lines of the same time by their count.
/// </summary>
internal sealed class LogCursor(PodLogMark? mark)
{
    private PodLogMark? mark = mark;
    private bool isCatchingUp = mark is not null;
    private int sameTime;

    /// <summary>From when on lines are wanted; null for all.</summary>
    public DateTimeOffset? Since => mark?.At;

    /// <summary>A stream begins, with lines that were there already.</summary>
    public void Begin() => (isCatchingUp, sameTime) = (mark is not null, 0);

    /// <summary>Takes the next line; false where it was there before.</summary>
    public bool Take(DateTimeOffset at)
    {
        if (isCatchingUp && WasThere(at))
            return false;
        // Once it has caught up it takes what comes: a node's clock may be set back.
        isCatchingUp = false;
        mark = new(at, mark is { } last && last.At == at ? last.Lines + 1 : 1);
        return true;
    }

    private bool WasThere(DateTimeOffset at) => at < mark!.Value.At || (at == mark.Value.At && ++sameTime <= mark.Value.Lines);

    /// <summary>The time before a line, and the line; a line without one has none.</summary>
    public static (DateTimeOffset? At, string Text) Split(string line)
    {
        var end = line.IndexOf(' ', StringComparison.Ordinal);
        var stamp = end < 0 ? line : line[..end];
        // Nine digits of a second come, seven can be kept.
        return DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? (at, end < 0 ? "" : line[(end + 1)..])
            : (null, line);
    }
}
