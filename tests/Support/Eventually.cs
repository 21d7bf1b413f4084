namespace DeployCard.Tests.Support;

/// <summary>Polls until a condition is met. The exception at the timeout reports the condition and what was seen last.</summary>
public static class Eventually
{
    // It does not matter when a test passes: a test that fails may take long on a busy machine.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan InitialInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StableTime = TimeSpan.FromMilliseconds(250);

    /// <summary>Reads a value until it meets a condition, and returns that value.</summary>
    /// <param name="read">Reads the value. Its exceptions end the wait.</param>
    /// <param name="condition">Whether the value is the expected one.</param>
    /// <param name="cancellationToken">Token that cancels the wait.</param>
    /// <param name="timeout">Maximum time to wait; null for 60 s.</param>
    /// <param name="describe">Returns details for the exception at the timeout; null to report only the last value.</param>
    /// <param name="pause">Waits between two reads; null for an interval that grows from 5 ms to 50 ms.</param>
    /// <exception cref="TimeoutException">The condition was not met in time.</exception>
    public static async Task<T> Get<T>(
        Func<Task<T>> read,
        Func<T, bool> condition,
        CancellationToken cancellationToken,
        TimeSpan? timeout = null,
        Func<string>? describe = null,
        Func<Task>? pause = null
    )
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var interval = InitialInterval; ; interval = interval * 1.3 < MaxInterval ? interval * 1.3 : MaxInterval)
        {
            var seen = await read();
            if (condition(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(started) > (timeout ?? DefaultTimeout))
                throw new TimeoutException(
                    $"The condition was not met within {timeout ?? DefaultTimeout}; last value: {seen}. {describe?.Invoke()}".TrimEnd()
                );
            await (pause is null ? Task.Delay(interval, TimeProvider.System, cancellationToken) : pause());
        }
    }

    /// <summary>Waits until a condition is true.</summary>
    /// <param name="condition">The condition. Its exceptions end the wait.</param>
    /// <param name="what">Describes the condition for the exception at the timeout, for example "the stream has ended".</param>
    /// <param name="cancellationToken">Token that cancels the wait.</param>
    /// <param name="timeout">Maximum time to wait; null for 60 s.</param>
    /// <param name="describe">Returns what was seen last, for the exception at the timeout; null to report only the condition.</param>
    /// <exception cref="TimeoutException">The condition was not met in time.</exception>
    public static Task True(
        Func<bool> condition,
        string what,
        CancellationToken cancellationToken,
        TimeSpan? timeout = null,
        Func<string>? describe = null
    ) => True(() => Task.FromResult(condition()), what, cancellationToken, timeout, describe);

    /// <inheritdoc cref="True(Func{bool}, string, CancellationToken, TimeSpan?, Func{string}?)"/>
    public static Task True(
        Func<Task<bool>> condition,
        string what,
        CancellationToken cancellationToken,
        TimeSpan? timeout = null,
        Func<string>? describe = null
    ) => Get(condition, isMet => isMet, cancellationToken, timeout, () => $"Expected: {what}. {describe?.Invoke()}");

    /// <summary>Waits until a value has not changed for 250 ms.</summary>
    /// <param name="value">Reads the value.</param>
    /// <param name="what">Describes the condition for the exception at the timeout.</param>
    /// <param name="cancellationToken">Token that cancels the wait.</param>
    /// <exception cref="TimeoutException">The value has changed for 60 s.</exception>
    public static Task Stable(Func<long> value, string what, CancellationToken cancellationToken)
    {
        var (last, since) = (value(), TimeProvider.System.GetTimestamp());
        return True(
            () =>
            {
                if (value() is var now && now != last)
                    (last, since) = (now, TimeProvider.System.GetTimestamp());
                return TimeProvider.System.GetElapsedTime(since) > StableTime;
            },
            what,
            cancellationToken,
            describe: () => $"The value is {last}."
        );
    }
}
