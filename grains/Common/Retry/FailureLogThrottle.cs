namespace DeployCard.Common.Retry;

/// <summary>
/// Limits the log messages of a repeated failure: the first failure is logged, then at most one per minute, and finally the recovery.
/// </summary>
public sealed class FailureLogThrottle(TimeProvider time)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock sync = new();
    private long? loggedAt;
    private int failures;

    /// <summary>Counts a failure; returns whether it should be logged.</summary>
    public bool ShouldLog()
    {
        lock (sync)
        {
            failures++;
            if (loggedAt is { } at && time.GetElapsedTime(at) < LogInterval)
                return false;
            loggedAt = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>Records a success. Returns the number of failures since the last success, or 0 if no failure occurred.</summary>
    public int Reset()
    {
        lock (sync)
        {
            var loggedFailures = loggedAt is null ? 0 : failures;
            (loggedAt, failures) = (null, 0);
            return loggedFailures;
        }
    }
}
