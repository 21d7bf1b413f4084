namespace DeployCard.Common.Retry;

/// <summary>Computes the backoff delays before calls to an unavailable grain are retried.</summary>
public static class RetryBackoff
{
    private static readonly TimeSpan InitialDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Maximum delay before a retry.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Returns the delay after a number of consecutive failures: 50 ms, doubled with each failure up to 2 s. Half of it is jitter, so that
    /// a thousand callers that lost the same silo do not retry simultaneously.
    /// </summary>
    /// <param name="failures">Number of consecutive failures, at least 1.</param>
    /// <param name="jitter">Random value of the jitter, 0 to 1.</param>
    public static TimeSpan DelayAfter(int failures, double jitter)
    {
        var whole = Math.Min(MaxDelay.TotalMilliseconds, InitialDelay.TotalMilliseconds * Math.Pow(2, failures - 1));
        return TimeSpan.FromMilliseconds(whole * (1 + jitter) / 2);
    }
}
