namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>Polls a value until it meets a condition. The exception at the timeout contains the last value.</summary>
internal static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    public static async Task<T> Get<T>(
        Func<Task<T>> read,
        Func<T, bool> condition,
        CancellationToken cancellationToken,
        TimeSpan? timeout = null
    )
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await read();
            if (condition(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(started) > (timeout ?? DefaultTimeout))
                throw new TimeoutException($"The condition was not met in time; last value: {seen}");
            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
        }
    }
}
