namespace DeployCard.Contracts.Pods;

/// <summary>
/// Operations on the time of the next restart of pods, before which no pod can become ready. The time is null while waiting for a pod is
/// worthwhile.
/// </summary>
public static class RetryTime
{
    /// <summary>
    /// Marks a restart whose time is not known, for example while a node cannot pull an image. Later than any known time.
    /// </summary>
    public static readonly DateTimeOffset Unknown = DateTimeOffset.MaxValue;

    /// <summary>Returns the time until the restart; null if the time is not known or has passed.</summary>
    public static TimeSpan? GetRemaining(DateTimeOffset? at, DateTimeOffset now) => at > now && at != Unknown ? at - now : null;
}
