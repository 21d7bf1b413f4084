namespace DeployCard.Grains.Runtimes;

/// <summary>Keeps a failure that comes again and again from flooding the log: it is told when it begins, now and then while it lasts, and when it is over.</summary>
internal sealed class FailureNotice(TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock sync = new();
    private long? toldAt;
    private int failures;

    /// <summary>Counts one more; whether it is to be told.</summary>
    public bool Failed()
    {
        lock (sync)
        {
            failures++;
            if (toldAt is { } at && time.GetElapsedTime(at) < Period)
                return false;
            toldAt = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>It works. How often it had failed before where that was told; else 0.</summary>
    public int Over()
    {
        lock (sync)
        {
            var told = toldAt is null ? 0 : failures;
            (toldAt, failures) = (null, 0);
            return told;
        }
    }
}
