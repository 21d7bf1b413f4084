using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;

namespace DeployCard.Silo.Gateway;

/// <summary>Waits for a call's end, in turns that a silo which is lost cannot hold up for long.</summary>
internal sealed class CallWatch(IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    /// <summary>An activation that goes away answers before its time; the next one may take a moment to come.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when the call has ended or is gone, when the time is over, or when this silo ends.</summary>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async Task For(CallId id, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var (call, started) = (grains.GetGrain<IAsyncCallGrain>(id.Value), time.GetTimestamp());
        try
        {
            var failures = 0;
            while (patience - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
            {
                if (await HasEnded(call, left < Turn ? left : Turn, over.Token) is not { } hasEnded)
                    failures++;
                else if (hasEnded)
                    return;
                else
                    failures = 0;
                await Task.Delay(failures == 0 ? Pause : RetryPause.After(failures, Random.Shared.NextDouble()), time, over.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Who waited is told how it stands.
        }
    }

    /// <summary>Null when its silo went, or the storage is away: it is not known, and is asked again.</summary>
    private static async Task<bool?> HasEnded(IAsyncCallGrain call, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            return await call.AwaitEnd(patience, cancellationToken);
        }
        catch (Exception e) when (ClusterFault.IsPassing(e) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
