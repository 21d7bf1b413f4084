using DeployCard.Common.Retry;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Domain.Callbacks;

/// <summary>Decision after an automatic delivery: the callback is delivered, abandoned, or delivered again later.</summary>
/// <param name="IsDelivered">Whether the receiver accepted the callback.</param>
/// <param name="NextDeliveryAt">Time of the next delivery, UTC; null if no delivery follows.</param>
internal sealed record DeliveryDecision(bool IsDelivered, DateTimeOffset? NextDeliveryAt)
{
    private const int StatusGone = 410;

    // A fixed list instead of a Backoff: the delays are documented one by one, and their ratios differ.
    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(4),
        TimeSpan.FromHours(8),
    ];

    private static readonly Jitter DelayJitter = Jitter.Spread(0.1);

    private static readonly TimeSpan NotAttemptedDelay = TimeSpan.FromMinutes(1);
    private static readonly Jitter NotAttemptedJitter = Jitter.Spread(0.5);

    /// <summary>
    /// Decides what follows a delivery. Any 2xx status means delivered, and 410 abandons the callback. All other results are retried, for
    /// the last time at <paramref name="deadline"/>. <c>Retry-After</c> of an overloaded receiver (429, 503) is honored up to the deadline.
    /// </summary>
    /// <param name="attempts">
    /// Number of attempted automatic deliveries for this end of the call, including the current delivery if it was attempted.
    /// </param>
    /// <param name="result">Result of the delivery.</param>
    /// <param name="now">Time of the decision, UTC.</param>
    /// <param name="deadline">Time of the last delivery, UTC.</param>
    /// <param name="random">Random number from 0 to 1 for the jitter, which spreads deliveries that failed at the same time.</param>
    public static DeliveryDecision Decide(int attempts, DeliveryResult result, DateTimeOffset now, DateTimeOffset deadline, double random)
    {
        if (result is { WasAttempted: true, Error: null })
            return new(true, null);
        if (result.StatusCode is StatusGone || now >= deadline)
            return new(false, null);
        var next = now + Backoff(attempts, result, random);
        return new(false, next < deadline ? next : deadline);
    }

    private static TimeSpan Backoff(int tried, DeliveryResult result, double random)
    {
        if (!result.WasAttempted)
            return NotAttemptedJitter.Apply(NotAttemptedDelay, random);
        var backoff = DelayJitter.Apply(Delays[Math.Clamp(tried, 1, Delays.Length) - 1], random);
        // More than 31 days exceeds every deadline. The cap prevents an overflow when the delay is added to the time.
        var requested = result.StatusCode is 429 or 503 ? result.RetryAfter ?? TimeSpan.Zero : TimeSpan.Zero;
        return requested < backoff ? backoff
            : requested < TimeSpan.FromDays(31) ? requested
            : TimeSpan.FromDays(31);
    }
}
