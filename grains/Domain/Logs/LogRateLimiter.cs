namespace DeployCard.Domain.Logs;

/// <summary>
/// Limits the rate at which the output of one pod is read, in lines and bytes per second, with a burst of one second. Excess output stays
/// in the buffer of the runtime, which drops lines when it is full. So a pod that exceeds the limit costs no more than a pod at the limit.
/// </summary>
internal sealed class LogRateLimiter(int linesPerSecond, long bytesPerSecond)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    // Time until which the recorded lines and bytes use up the rate.
    private TimeSpan used;

    /// <summary>Records a batch of lines.</summary>
    /// <param name="lines">Number of lines in the batch.</param>
    /// <param name="bytes">Total size of the lines, in bytes.</param>
    /// <param name="now">The time elapsed since a fixed point in time.</param>
    /// <returns>Delay before the next batch may be read.</returns>
    public TimeSpan Record(int lines, long bytes, TimeSpan now)
    {
        used = (used > now ? used : now) + TimeSpan.FromSeconds(Math.Max((double)lines / linesPerSecond, (double)bytes / bytesPerSecond));
        var delay = used - now - Burst;
        return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
    }
}
