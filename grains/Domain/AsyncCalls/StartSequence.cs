namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The order in which executions start. Calls with a free slot start concurrently. The invariant: a surplus call, which will wait at the
/// gateway, does not reach the gateway before earlier calls. It waits for their starts, for at most <see cref="OrderingTimeout"/>.
/// </summary>
internal sealed class StartSequence(TimeProvider time)
{
    /// <summary>
    /// Maximum time that a surplus call waits for earlier calls to start, so that a call on a lost silo does not block the others.
    /// </summary>
    public static readonly TimeSpan OrderingTimeout = TimeSpan.FromSeconds(1);

    // Completes when the start of every execution so far was confirmed or has failed.
    private Task allStarted = Task.CompletedTask;

    /// <summary>Starts an execution and returns the result of <paramref name="start"/>.</summary>
    /// <param name="mustFollowEarlier">Whether all earlier starts must be confirmed first.</param>
    /// <param name="start">Starts the execution; its task completes when the start is confirmed.</param>
    public async Task<T> Start<T>(bool mustFollowEarlier, Func<Task<T>> start)
    {
        var (earlier, started) = (allStarted, new TaskCompletionSource());
        allStarted = Task.WhenAll(earlier, started.Task);
        try
        {
            if (mustFollowEarlier)
                await earlier
                    .WaitAsync(OrderingTimeout, time)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return await start();
        }
        finally
        {
            started.SetResult();
        }
    }
}
