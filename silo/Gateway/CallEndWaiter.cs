using DeployCard.Client.Cluster;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Gateway;

/// <summary>Waits until a call has ended. The wait is split into short polls, so that the loss of a silo delays it only briefly.</summary>
internal sealed class CallEndWaiter(IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan MaxPollTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Delay between polls. A call grain that deactivates ends its poll early, and its next activation may take a moment to start.
    /// </summary>
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Returns when the call has ended or no longer exists, when <paramref name="timeout"/> has elapsed, or when this silo stops.
    /// </summary>
    /// <exception cref="OperationCanceledException">The client disconnected before the end.</exception>
    public async Task WaitForEnd(CallId id, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var (call, started) = (grains.GetGrain<IAsyncCallGrain>(id.Value), time.GetTimestamp());
        try
        {
            var failures = 0;
            while (timeout - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
            {
                if (await HasEnded(call, left < MaxPollTime ? left : MaxPollTime, stop.Token) is not { } hasEnded)
                    failures++;
                else if (hasEnded)
                    return;
                else
                    failures = 0;
                await Task.Delay(failures == 0 ? PollDelay : GrainRetry.Backoff.DelayAfter(failures), time, stop.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The silo is stopping. The caller responds with the current state of the call.
        }
    }

    /// <summary>
    /// Returns null if the state is unknown because the call's silo or the storage is unavailable; the next poll retries.
    /// </summary>
    private static async Task<bool?> HasEnded(IAsyncCallGrain call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await call.WaitForEnd(timeout, cancellationToken);
        }
        catch (Exception e) when (TransientErrors.IsTransient(e) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
