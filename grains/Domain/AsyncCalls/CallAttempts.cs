using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Records the attempts of a call. The invariant: an outcome is accepted only for the open attempt of a call that has not ended, and the
/// end of the attempt is stored in the same write as the end of the call or the time of the next attempt. Each attempt counts, unless a
/// graceful shutdown interrupted it.
/// </summary>
/// <param name="call">The call that is attempted.</param>
/// <param name="executor">The executions that make the attempts.</param>
/// <param name="ending">Ends the call after its last attempt.</param>
/// <param name="bodies">Stores the bodies of responses.</param>
/// <param name="options">Retry limit and backoff.</param>
/// <param name="metrics">Receives the durations of attempts.</param>
/// <param name="time">The clock for starts and ends of attempts.</param>
/// <param name="stopping">Token that is canceled when the silo stops; no attempt starts afterwards.</param>
internal sealed class CallAttempts(
    StoredCall call,
    CallExecutor executor,
    CallEnding ending,
    IBodyStore bodies,
    AsyncCallOptions options,
    AsyncCallMetrics metrics,
    TimeProvider time,
    CancellationToken stopping
)
{
    private AsyncCallState State => call.State;

    /// <inheritdoc cref="IAsyncCallGrain.StartAttempt"/>
    public async Task<int?> Start(Guid executionId, string pod)
    {
        if (!call.IsOpen || executor.Find(executionId) is null || stopping.IsCancellationRequested)
            return null;
        // An execution makes one attempt: an open attempt belongs to an execution that failed, for example in a storage outage.
        FailOrphaned("its execution was interrupted");
        // Stored before the pod gets the request: a call that crashes silos must not be retried without end.
        var next = State.WithAttemptStarted(pod, time.GetUtcNow());
        await call.Store(next, CancellationToken.None);
        return next.Attempts[^1].Number;
    }

    /// <inheritdoc cref="IAsyncCallGrain.CompleteWithoutPod"/>
    public async Task CompleteWithoutPod(Guid executionId, AttemptOutcome outcome)
    {
        if (!call.IsOpen || executor.Find(executionId) is not { } execution)
            return;
        if (outcome.ErrorCode is null)
            executor.BackOff();
        else
            await Conclude(State.WithAttemptWithoutPod(execution.StartedAt), outcome);
    }

    /// <inheritdoc cref="IAsyncCallGrain.CompleteAttempt"/>
    public async Task Complete(int number, AttemptOutcome outcome)
    {
        if (!call.IsOpen || State.OpenAttempt is not { } open || open.Number != number)
            await DeleteLateBody(number, outcome);
        // The graceful shutdown of this silo interrupted the attempt.
        else if (outcome is { Result: null, ErrorCode: null })
            await call.Store(State.WithAttemptInterrupted(open, time.GetUtcNow()), CancellationToken.None);
        else
            await Conclude(State, outcome);
    }

    /// <summary>
    /// Marks the open attempt as failed, in memory only, if no execution is working on it. The attempt counts.
    /// </summary>
    /// <param name="detail">Description of the cause, without a final period.</param>
    public void FailOrphaned(string detail)
    {
        if (!State.HasEnded && State.OpenAttempt is { } lost)
            call.Amend(State.WithAttemptLost(lost, detail, time.GetUtcNow()));
    }

    /// <summary>Ends the call if its last allowed attempt was lost together with its silo, before any outcome was stored.</summary>
    public async Task EndIfExhausted()
    {
        if (State.HasEnded || State.CountedAttempts < options.MaxAttempts)
            return;
        var last = State.Attempts[^1];
        var decision = RetryDecision.Failed(State.CountedAttempts, last.ErrorCode ?? CallErrorCode.PodFailed, last.Detail);
        await ending.End(State, CallEnd.From(decision, null), CancellationToken.None);
    }

    /// <summary>
    /// Stores that a graceful shutdown interrupts the open attempt, if there is one. Otherwise the attempt would count. The execution may
    /// report the interruption too late.
    /// </summary>
    public async Task InterruptByShutdown(CancellationToken cancellationToken)
    {
        if (stopping.IsCancellationRequested && !State.HasEnded && State.OpenAttempt is { } open)
            await call.StoreFinally(State.WithAttemptInterrupted(open, time.GetUtcNow()), cancellationToken);
    }

    /// <summary>
    /// Stores the end of the last attempt of <paramref name="state"/>, and either the time of the next attempt or the end of the call.
    /// </summary>
    private async Task Conclude(AsyncCallState state, AttemptOutcome outcome)
    {
        var now = time.GetUtcNow();
        var ended = state.WithAttemptEnded(outcome, now);
        var decision = RetryDecision.Decide(ended.CountedAttempts, outcome, options, Random.Shared.NextDouble());
        if (decision.Status is CallStatus.Queued)
            await call.Store(ended with { NextAttemptAt = now + decision.RetryAfter }, CancellationToken.None);
        else
            await ending.End(ended, CallEnd.From(decision, outcome.Result), CancellationToken.None);
        metrics.RecordAttempt(State.Deployment, ended.Attempts[^1]);
    }

    /// <summary>Deletes the response body that a late outcome stored: no call refers to the body.</summary>
    private Task DeleteLateBody(int number, AttemptOutcome outcome) =>
        outcome.Result?.Body is { Inline: null }
            ? bodies.Delete(call.Id, BodyPart.Result(number), CancellationToken.None)
            : Task.CompletedTask;
}
