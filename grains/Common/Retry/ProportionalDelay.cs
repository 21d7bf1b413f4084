namespace DeployCard.Common.Retry;

/// <summary>
/// Delay between probes that is a fixed share of the time since the first probe, so that a probe notices an event with a bounded relative
/// lateness. It differs from <see cref="Backoff"/>: the duration of the probes counts, and their number does not.
/// </summary>
/// <param name="Min">Minimum delay, at the start; not negative.</param>
/// <param name="Divisor">Time since the first probe divided by the delay; more than 0. For example, 20 means a twentieth.</param>
/// <param name="Max">Maximum delay; at least <paramref name="Min"/>.</param>
public sealed record ProportionalDelay(TimeSpan Min, int Divisor, TimeSpan Max)
{
    /// <summary>Returns the delay before the next probe.</summary>
    /// <param name="elapsed">Time since the first probe.</param>
    public TimeSpan DelayAfter(TimeSpan elapsed)
    {
        var delay = elapsed / Divisor;
        return delay < Min ? Min
            : delay > Max ? Max
            : delay;
    }
}
