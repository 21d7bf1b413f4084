namespace DeployCard.Grains.Logs;

/// <summary>
/// How fast lines of one pod are taken: at most so many lines and bytes a second, of which one second's may come at once. What is not taken waits
/// where it came from, and is left out there when it becomes too much: a pod that writes endlessly costs no more than one at this pace.
/// </summary>
internal sealed class LogPace(int linesPerSecond, long bytesPerSecond)
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    // Until when the pace is used up by what was taken.
    private TimeSpan used;

    /// <summary>Notes what was taken.</summary>
    /// <param name="lines">How many lines.</param>
    /// <param name="bytes">How many bytes they have together.</param>
    /// <param name="now">The time that has passed since any fixed moment.</param>
    /// <returns>How long to take nothing more.</returns>
    public TimeSpan Take(int lines, long bytes, TimeSpan now)
    {
        used = (used > now ? used : now) + TimeSpan.FromSeconds(Math.Max((double)lines / linesPerSecond, (double)bytes / bytesPerSecond));
        var pause = used - now - AtOnce;
        return pause > TimeSpan.Zero ? pause : TimeSpan.Zero;
    }
}
