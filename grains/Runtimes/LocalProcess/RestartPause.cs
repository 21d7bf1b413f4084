namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>How long a failed pod waits for its next start.</summary>
internal static class RestartPause
{
    /// <summary>
    /// Doubles with each failure in a row, up to a limit: 1 s, 2 s, 4 s … 60 s. <paramref name="jitter"/>, 0 to 1, takes up to a fifth off, so that
    /// pods that failed together do not start together.
    /// </summary>
    public static TimeSpan After(int failures, double jitter, TimeSpan first, TimeSpan longest)
    {
        // In seconds, which go to infinity in a pod that fails for days; a TimeSpan would overflow.
        var pause = Math.Min(first.TotalSeconds * Math.Pow(2, failures - 1), longest.TotalSeconds);
        return TimeSpan.FromSeconds(pause * (1 - (0.2 * jitter)));
    }
}
