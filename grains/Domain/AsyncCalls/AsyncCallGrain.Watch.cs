namespace DeployCard.Domain.AsyncCalls;

/// <summary>Requests that wait for the end of the call.</summary>
internal sealed partial class AsyncCallGrain
{
    private TaskCompletionSource? endSignal;

    public async Task<bool> WaitForEnd(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Exists && !State.HasEnded)
            await WaitForEndSignal(timeout, cancellationToken);
        return !Exists || State.HasEnded;
    }

    /// <summary>
    /// Releases all waiters, then requests the deactivation, which a pending wait would delay. Waiters repeat their request and reach the
    /// next activation.
    /// </summary>
    private new void DeactivateOnIdle()
    {
        ReleaseWaiters();
        base.DeactivateOnIdle();
    }

    private async Task WaitForEndSignal(TimeSpan timeout, CancellationToken cancellationToken)
    {
        endSignal ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await endSignal.Task.WaitAsync(timeout, time, canceled.Token);
        }
        catch (TimeoutException)
        {
            // The caller reads from the state that the call has not ended.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The silo is stopping: the caller repeats the request and reaches another silo.
        }
    }

    private void ReleaseWaiters()
    {
        endSignal?.TrySetResult();
        endSignal = null;
    }
}
