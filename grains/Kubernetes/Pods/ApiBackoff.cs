namespace DeployCard.Kubernetes.Pods;

/// <summary>Exponential backoff with jitter for requests to the API server.</summary>
internal static class ApiBackoff
{
    private const int MaxDoublings = 20;

    /// <summary>
    /// Returns the delay after a number of consecutive failures. The delay doubles with each failure. Jitter shortens it by up to 20 %, so
    /// that silos do not retry at the same time.
    /// </summary>
    /// <param name="failures">The number of consecutive failures, at least 1.</param>
    /// <param name="random">A random number from 0 (no jitter) to 1.</param>
    /// <param name="initial">The delay after the first failure.</param>
    /// <param name="max">The maximum delay, before jitter.</param>
    public static TimeSpan DelayAfter(int failures, double random, TimeSpan initial, TimeSpan max)
    {
        var full = initial * Math.Pow(2, Math.Min(failures - 1, MaxDoublings));
        return (full < max ? full : max) * (1 - (random / 5));
    }
}
