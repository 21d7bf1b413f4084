using DeployCard.Grains.AsyncCalls;

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
            while (patience - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero && !await call.AwaitEnd(left < Turn ? left : Turn, over.Token))
                await Task.Delay(Pause, time, over.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Who waited is told how it stands.
        }
    }
}
