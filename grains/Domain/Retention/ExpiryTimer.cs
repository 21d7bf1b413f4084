namespace DeployCard.Domain.Retention;

/// <summary>Registers the timer by which an active grain expires itself.</summary>
internal static class ExpiryTimer
{
    /// <summary>Maximum delay of the timer, because .NET timers support only 49 days. A later expiry is found through the index.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(40);

    /// <summary>Interval at which the grain tries again after the first expiry attempt, in case that attempt failed.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromDays(1);

    /// <summary>
    /// Margin added to the delay. Timers truncate fractions of a millisecond, and a timer that fires too early would fire again only a day
    /// later.
    /// </summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Registers a timer that calls <paramref name="expire"/> at <paramref name="dueAt"/>, but after at most 40 days, and then daily.
    /// </summary>
    /// <param name="grain">The grain that expires.</param>
    /// <param name="expire">Expires the grain if it is due. Must do nothing if it is called too early.</param>
    /// <param name="dueAt">Time at which the grain is due, UTC.</param>
    /// <param name="now">The current time, UTC.</param>
    public static IGrainTimer RegisterExpiryTimer(
        this IGrainBase grain,
        Func<CancellationToken, Task> expire,
        DateTimeOffset dueAt,
        DateTimeOffset now
    )
    {
        var left = dueAt - now + Margin;
        return grain.RegisterGrainTimer(
            expire,
            left < TimeSpan.Zero ? TimeSpan.Zero
                : left < MaxDelay ? left
                : MaxDelay,
            RetryInterval
        );
    }
}
