namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>How long to wait before the platform is asked again.</summary>
internal static class RetryPause
{
    private const int MostDoublings = 20;

    /// <summary>The pause after so many failures in a row: doubled each time, and up to a fifth shorter, so that silos do not all come at once.</summary>
    /// <param name="failures">1 or more.</param>
    /// <param name="random">0 to 1.</param>
    /// <param name="first">The first pause.</param>
    /// <param name="longest">The longest.</param>
    public static TimeSpan After(int failures, double random, TimeSpan first, TimeSpan longest)
    {
        var full = first * Math.Pow(2, Math.Min(failures - 1, MostDoublings));
        return (full < longest ? full : longest) * (1 - (random / 5));
    }
}
