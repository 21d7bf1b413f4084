namespace DeployCard.Grains.Callbacks;

/// <summary>What follows a delivery that was made by itself: nothing more, or another one.</summary>
/// <param name="IsDelivered">Whether the receiver took it.</param>
/// <param name="NextAt">When the next one is due, UTC; null when there is none.</param>
internal sealed record CallbackSchedule(bool IsDelivered, DateTimeOffset? NextAt)
{
    private const int Gone = 410;
    private const double Jitter = 0.1;

    private static readonly TimeSpan[] Pauses =
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

    private static readonly TimeSpan NotTriedPause = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The decision. Any 2xx is delivered, 410 ends it, all else is tried again until the last delivery at <paramref name="deadline"/>. A
    /// receiver that is overloaded (429, 503) is left alone for as long as it asks, but not beyond that.
    /// </summary>
    /// <param name="tried">How many were tried, this one included where it was.</param>
    /// <param name="answer">What came of it.</param>
    /// <param name="now">UTC.</param>
    /// <param name="deadline">When it is tried for the last time, UTC.</param>
    /// <param name="random">0 to 1, spreads what failed together.</param>
    public static CallbackSchedule After(int tried, CallbackAnswer answer, DateTimeOffset now, DateTimeOffset deadline, double random)
    {
        if (answer is { WasTried: true, Error: null })
            return new(true, null);
        if (answer.StatusCode is Gone || now >= deadline)
            return new(false, null);
        var next = now + Pause(tried, answer, random);
        return new(false, next < deadline ? next : deadline);
    }

    private static TimeSpan Pause(int tried, CallbackAnswer answer, double random)
    {
        if (!answer.WasTried)
            return NotTriedPause * (0.5 + random);
        var pause = Pauses[Math.Clamp(tried, 1, Pauses.Length) - 1] * (1 - Jitter + (2 * Jitter * random));
        // Beyond a month it is beyond every deadline; a sum with it must not overflow.
        var asked = answer.StatusCode is 429 or 503 ? answer.RetryAfter ?? TimeSpan.Zero : TimeSpan.Zero;
        return asked < pause ? pause
            : asked < TimeSpan.FromDays(31) ? asked
            : TimeSpan.FromDays(31);
    }
}
