namespace DeployCard.Grains.Cluster;

/// <summary>How long to wait before a grain that has gone is asked again.</summary>
internal static class RetryPause
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);

    /// <summary>No pause is longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>50 ms, doubled with each failure up to 2 s; half of it by chance, so that a thousand who lost the same silo do not come back at once.</summary>
    /// <param name="failures">How many there were in a row, from 1.</param>
    /// <param name="chance">0 to 1.</param>
    public static TimeSpan After(int failures, double chance)
    {
        var whole = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, failures - 1));
        return TimeSpan.FromMilliseconds(whole * (1 + chance) / 2);
    }
}
