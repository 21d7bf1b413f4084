namespace DeployCard.Grains.AsyncCalls;

/// <summary>Those who wait for the call's end.</summary>
internal sealed partial class AsyncCallGrain
{
    private TaskCompletionSource? watched;

    public async Task<bool> AwaitEnd(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (IsThere && !State.HasEnded)
            await AwaitRelease(patience, cancellationToken);
        return !IsThere || State.HasEnded;
    }

    /// <summary>Whoever still waits would hold the activation up: they ask the next one.</summary>
    private new void DeactivateOnIdle()
    {
        ReleaseWatchers();
        base.DeactivateOnIdle();
    }

    private async Task AwaitRelease(TimeSpan patience, CancellationToken cancellationToken)
    {
        watched ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await watched.Task.WaitAsync(patience, time, gone.Token);
        }
        catch (TimeoutException)
        {
            // It goes on.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // This silo ends.
        }
    }

    private void ReleaseWatchers()
    {
        watched?.TrySetResult();
        watched = null;
    }
}
