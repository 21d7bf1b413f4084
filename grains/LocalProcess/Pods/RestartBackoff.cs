namespace DeployCard.LocalProcess.Pods;

/// <summary>Computes the restart backoff of a failed pod.</summary>
internal static class RestartBackoff
{
    /// <summary>
    /// Returns <paramref name="initial"/>, doubled for each further consecutive failure, at most <paramref name="max"/>: 1 s, 2 s, 4 s
    /// … 60 s. <paramref name="jitter"/>, 0 to 1, shortens the delay by up to 20 %, so that pods that failed together do not restart
    /// together.
    /// </summary>
    public static TimeSpan DelayAfter(int failures, double jitter, TimeSpan initial, TimeSpan max)
    {
        // Computed as a double: for a pod that fails for days the power overflows a TimeSpan, but only becomes infinite as a double.
        var seconds = Math.Min(initial.TotalSeconds * Math.Pow(2, failures - 1), max.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 - (0.2 * jitter)));
    }
}
