namespace DeployCard.Common.Retry;

/// <summary>
/// Random variation of a delay, which spreads clients whose operations failed at the same time. The default value varies nothing.
/// </summary>
public readonly record struct Jitter
{
    private readonly double below;
    private readonly double above;

    private Jitter(double below, double above)
    {
        // The negated comparison also rejects NaN.
        if (!(below is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(below), below, "The share of a jitter must be 0 to 1.");
        (this.below, this.above) = (below, above);
    }

    /// <summary>Creates a jitter that shortens a delay by up to <paramref name="share"/> of it.</summary>
    /// <param name="share">Maximum share, 0 to 1; 0.2 means 80 to 100 % of the delay.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public static Jitter Shorten(double share) => new(share, 0);

    /// <summary>Creates a jitter that shortens or extends a delay by up to <paramref name="share"/> of it.</summary>
    /// <param name="share">Maximum share, 0 to 1; 0.25 means 75 to 125 % of the delay.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public static Jitter Spread(double share) => new(share, share);

    /// <summary>Returns a delay with this jitter, at most <see cref="TimeSpan.MaxValue"/>.</summary>
    /// <param name="delay">Delay without jitter; not negative.</param>
    /// <param name="random">Random number: 0 returns the shortest delay, and 1 the longest.</param>
    /// <exception cref="ArgumentOutOfRangeException">The random number is not 0 to 1.</exception>
    public TimeSpan Apply(TimeSpan delay, double random)
    {
        if (!(random is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(random), random, "The random number of a jitter must be 0 to 1.");
        // A double has fewer digits than a delay of many years.
        if (this == default)
            return delay;
        var ticks = Math.Round(delay.Ticks * (1 - below + ((below + above) * random)));
        return ticks < TimeSpan.MaxValue.Ticks ? TimeSpan.FromTicks((long)ticks) : TimeSpan.MaxValue;
    }
}
