namespace DeployCard.Common.Retry;

/// <summary>
/// Growing delays between the attempts of a failing operation. An instance is immutable and does not count failures, so one static
/// instance serves all callers with the same delays. The computation does not overflow, for any number of failures.
/// </summary>
/// <example>
/// <c>Backoff.Exponential(50 ms, 2 s)</c> returns 50, 100, 200, 400, 800 and 1600 ms, and 2 s after each further failure. With
/// <c>Jitter.Shorten(0.5)</c> the first delay is 25 to 50 ms.
/// </example>
public sealed record Backoff
{
    private readonly double? factor;
    private readonly Jitter jitter;

    private Backoff(TimeSpan initial, TimeSpan max, double? factor, Jitter jitter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(initial, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(max, TimeSpan.Zero);
        (Initial, Max, this.factor, this.jitter) = (initial, max, factor, jitter);
    }

    /// <summary>Delay after the first failure, before jitter; more than 0.</summary>
    public TimeSpan Initial { get; }

    /// <summary>Maximum delay, before jitter; more than 0.</summary>
    public TimeSpan Max { get; }

    /// <summary>Creates a backoff whose delay is multiplied by <paramref name="factor"/> after each further failure.</summary>
    /// <param name="initial">Delay after the first failure; more than 0.</param>
    /// <param name="max">Maximum delay, before jitter; more than 0. It may be less than <paramref name="initial"/>.</param>
    /// <param name="factor">Ratio of two consecutive delays, at least 1; default 2.</param>
    /// <param name="jitter">Random variation of each delay; default none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static Backoff Exponential(TimeSpan initial, TimeSpan max, double factor = 2, Jitter jitter = default)
    {
        // The negated comparison also rejects NaN.
        if (!(factor >= 1))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor of a backoff must be at least 1.");
        return new(initial, max, factor, jitter);
    }

    /// <summary>Creates a backoff whose delay grows by <paramref name="initial"/> after each further failure.</summary>
    /// <inheritdoc cref="Exponential"/>
    public static Backoff Linear(TimeSpan initial, TimeSpan max, Jitter jitter = default) => new(initial, max, null, jitter);

    /// <summary>Returns the delay before the next attempt.</summary>
    /// <param name="failures">Number of consecutive failures, at least 1.</param>
    /// <param name="random">Source of the jitter; null, the default, uses <see cref="Random.Shared"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public TimeSpan DelayAfter(int failures, Random? random = null) => DelayAfter(failures, (random ?? Random.Shared).NextDouble());

    /// <summary>Returns the delay before the next attempt, for a given random number.</summary>
    /// <param name="failures">Number of consecutive failures, at least 1.</param>
    /// <param name="random">Random number of the jitter: 0 returns the shortest delay, and 1 the longest.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public TimeSpan DelayAfter(int failures, double random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        // Computed as a double: after many failures the power exceeds the range of a TimeSpan, and then becomes infinite.
        var ticks = Initial.Ticks * (factor is { } ratio ? Math.Pow(ratio, failures - 1) : failures);
        return jitter.Apply(ticks < Max.Ticks ? TimeSpan.FromTicks((long)Math.Round(ticks)) : Max, random);
    }
}
