namespace DeployCard.Grains.Retention;

/// <summary>A grain's own timer for its end.</summary>
internal static class EndTimer
{
    /// <summary>Timers wait up to 49 days; what ends later is found in the index then.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <summary>Where it could not see to its end, it tries again.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromDays(1);

    /// <summary>Timers cut off what is less than a millisecond, and one that is early by that would be the last for a day.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(5);

    /// <summary>Has the grain see to its end when that comes. What it does then must do nothing where it is too early.</summary>
    public static IGrainTimer RegisterEndTimer(
        this IGrainBase grain,
        Func<CancellationToken, Task> expire,
        DateTimeOffset end,
        DateTimeOffset now
    )
    {
        var left = end - now + Late;
        return grain.RegisterGrainTimer(
            expire,
            left < TimeSpan.Zero ? TimeSpan.Zero
                : left < Longest ? left
                : Longest,
            Again
        );
    }
}
