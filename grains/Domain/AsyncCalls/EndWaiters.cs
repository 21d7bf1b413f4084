namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Requests that wait for the end of a call. The invariant: each wait ends with the next <see cref="Release"/>, which the call makes after
/// its end was stored and before its activation ends. A wait also ends when its time is over or the silo stops.
/// </summary>
/// <param name="time">The clock for the maximum time of a wait.</param>
/// <param name="stopping">Token that is canceled when the silo stops.</param>
internal sealed class EndWaiters(TimeProvider time, CancellationToken stopping)
{
    private TaskCompletionSource? endSignal;

    /// <summary>
    /// Waits for <see cref="Release"/>, at most for <paramref name="timeout"/>. The caller reads from the state whether the call has ended.
    /// </summary>
    /// <exception cref="OperationCanceledException">The request was canceled.</exception>
    public async Task Wait(TimeSpan timeout, CancellationToken cancellationToken)
    {
        endSignal ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
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

    /// <summary>Ends all waits that have started.</summary>
    public void Release()
    {
        endSignal?.TrySetResult();
        endSignal = null;
    }
}
