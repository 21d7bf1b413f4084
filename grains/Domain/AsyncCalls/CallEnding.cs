namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Ends a call. The invariant: the end is stored before anything follows from it. Then the running attempt is aborted, and its outcome is
/// discarded. The waiting requests are released, the queue gets the capacity of the call back, and the delivery of the callback starts. If
/// the end cannot be stored, none of this happens.
/// </summary>
internal sealed class CallEnding(
    StoredCall call,
    CallExecutor executor,
    EndWaiters waiters,
    CallbackDeliverer callbacks,
    AsyncCallMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>Sets the final state and aborts a running attempt.</summary>
    /// <param name="state">State of the call, which has not ended, with changes that are stored together with its end.</param>
    /// <param name="end">The end of the call.</param>
    /// <param name="cancellationToken">Cancels storing the end.</param>
    public async Task End(AsyncCallState state, CallEnd end, CancellationToken cancellationToken)
    {
        await call.Store(state.WithEnd(end, time.GetUtcNow(), callbacks.LeaseDuration), cancellationToken);
        executor.Abort();
        waiters.Release();
        logger.LogEnded(call.Id, call.State.Deployment, end.Status, end.ErrorCode);
        metrics.RecordEnded(call.State.ToView());
        await call.Queue.Release(call.State.RequestBytes);
        callbacks.Start();
    }
}
