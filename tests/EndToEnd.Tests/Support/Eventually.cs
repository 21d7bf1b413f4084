namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>Polls until something holds, and tells what it last saw when it never does.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<T> Get<T>(
        Func<Task<T>> look,
        Func<T, bool> holds,
        CancellationToken cancellationToken,
        TimeSpan? patience = null
    )
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(started) > (patience ?? Patience))
                throw new TimeoutException($"It never came; last seen: {seen}");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
