using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;

namespace DeployCard.Domain.AsyncCalls;

internal sealed partial class AsyncCallGrain : IDisposable
{
    /// <summary>Maximum time that one grain request waits. It is well below the response timeout of Orleans.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    /// <summary>Delay before storing an outcome is retried.</summary>
    private static readonly TimeSpan StorageRetryDelay = TimeSpan.FromSeconds(1);

    private CallExecution? execution;

    // End of the backoff after an execution without an attempt. It is not stored: a new activation may start immediately.
    private DateTimeOffset? backoffUntil;

    public async Task<ExecutionStatus> StartExecution()
    {
        if (!Exists || State.HasEnded)
            return ExecutionStatus.CallEnded;
        // A new activation of the queue also starts calls whose execution is already running.
        if (execution is not null)
            return ExecutionStatus.Running;
        var now = time.GetUtcNow();
        if (NotBefore is { } earliest && earliest > now)
            return new(false, earliest);
        // The shutdown would interrupt the execution immediately; shortly afterwards the call is activated on another silo.
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return new(false, now + options.Value.InitialBackoff);
        await ExpireIfDue(CancellationToken.None);
        if (State.CountedAttempts >= options.Value.MaxAttempts && !State.HasEnded)
            await FailWithAttemptsExhausted();
        if (!Exists || State.HasEnded)
            return ExecutionStatus.CallEnded;
        execution = new(now, lifetime.ApplicationStopping);
        _ = Execute(execution);
        return ExecutionStatus.Running;
    }

    public async Task<ExecutionStatus> WaitForExecution()
    {
        try
        {
            // If this activation runs no execution, the execution has ended or was lost together with the silo of an earlier activation.
            if (execution is { } current)
                await current.Completion.WaitAsync(MaxWait, time);
        }
        catch (TimeoutException)
        {
            // The return value reports that the execution is still running.
        }

        return execution is not null ? ExecutionStatus.Running
            : !Exists || State.HasEnded ? ExecutionStatus.CallEnded
            : new(false, NotBefore ?? time.GetUtcNow());
    }

    public async Task<int?> StartAttempt(Guid executionId, string pod)
    {
        if (!Exists || State.HasEnded || this.execution?.Id != executionId || lifetime.ApplicationStopping.IsCancellationRequested)
            return null;
        // An execution makes one attempt: an open attempt belongs to an execution that failed, for example in a storage outage.
        FailOrphanedAttempt("its execution was interrupted");
        // Stored before the pod gets the request: a call that crashes silos must not be retried without end.
        var number = State.Attempts.Count + 1;
        await Store(
            State with
            {
                Attempts = [.. State.Attempts, new(number, time.GetUtcNow(), Pod: pod)],
                NextAttemptAt = null,
            },
            CancellationToken.None
        );
        return number;
    }

    public async Task CompleteWithoutPod(Guid executionId, AttemptOutcome outcome)
    {
        if (!Exists || State.HasEnded || this.execution is not { } current || current.Id != executionId)
            return;
        if (outcome.ErrorCode is null)
            backoffUntil = time.GetUtcNow() + options.Value.InitialBackoff;
        else
            await ConcludeAttempt(State with { Attempts = [.. State.Attempts, new(State.Attempts.Count + 1, current.StartedAt)] }, outcome);
    }

    public async Task CompleteAttempt(int number, AttemptOutcome outcome)
    {
        if (!Exists || State.HasEnded || State.OpenAttempt is not { } open || open.Number != number)
            await DeleteLateBody(number, outcome);
        // The graceful shutdown of this silo interrupted the attempt.
        else if (outcome is { Result: null, ErrorCode: null })
            await Store(WithInterruptedAttempt(open), CancellationToken.None);
        else
            await ConcludeAttempt(State, outcome);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        execution?.Abort();
        // An attempt that a graceful shutdown interrupts must not count. The execution may report the interruption too late, so the end of
        // the attempt is stored here.
        if (!lifetime.ApplicationStopping.IsCancellationRequested || State.HasEnded || State.OpenAttempt is not { } open)
            return;
        stored.State = WithInterruptedAttempt(open);
        await stored.WriteStateAsync(cancellationToken);
    }

    public void Dispose() => execution?.Dispose();

    private DateTimeOffset? NotBefore => new[] { State.NextAttemptAt, backoffUntil }.Max();

    /// <summary>
    /// Stores the end of the last attempt of <paramref name="state"/>, and either the time of the next attempt or the end of the call.
    /// </summary>
    private async Task ConcludeAttempt(AsyncCallState state, AttemptOutcome outcome)
    {
        var now = time.GetUtcNow();
        var ended = state.WithLastAttempt(
            state.Attempts[^1] with
            {
                EndedAt = now,
                StatusCode = outcome.StatusCode,
                ErrorCode = outcome.ErrorCode,
                Detail = outcome.Detail,
            }
        );
        var decision = RetryDecision.Decide(ended.CountedAttempts, outcome, options.Value, Random.Shared.NextDouble());
        if (decision.Status is CallStatus.Queued)
            await Store(ended with { NextAttemptAt = now + decision.RetryAfter }, CancellationToken.None);
        else
            await End(ended, decision.Status, decision.ErrorCode, decision.Message, outcome.Result, CancellationToken.None);
        metrics.RecordAttempt(State.Deployment, ended.Attempts[^1]);
    }

    private AsyncCallState WithInterruptedAttempt(CallAttempt open) =>
        State.WithLastAttempt(
            open with
            {
                EndedAt = time.GetUtcNow(),
                Detail = "a graceful shutdown of its silo interrupted it",
                IsCounted = false,
            }
        );

    /// <summary>
    /// Marks the open attempt as failed, in memory only, if no execution is working on it. The attempt counts: a call that crashes silos
    /// would otherwise be retried without end.
    /// </summary>
    private void FailOrphanedAttempt(string detail)
    {
        if (!State.HasEnded && State.OpenAttempt is { } lost)
            stored.State = State.WithLastAttempt(
                lost with
                {
                    EndedAt = time.GetUtcNow(),
                    ErrorCode = CallErrorCode.PodFailed,
                    Detail = detail,
                }
            );
    }

    /// <summary>Ends the call after its last allowed attempt was lost together with its silo, before any outcome was stored.</summary>
    private Task FailWithAttemptsExhausted()
    {
        var last = State.Attempts[^1];
        var decision = RetryDecision.Failed(State.CountedAttempts, last.ErrorCode ?? CallErrorCode.PodFailed, last.Detail);
        return End(State, decision.Status, decision.ErrorCode, decision.Message, null, CancellationToken.None);
    }

    /// <summary>Deletes the response body that a late outcome stored: no call refers to the body.</summary>
    private Task DeleteLateBody(int number, AttemptOutcome outcome) =>
        outcome.Result?.Body is { Inline: null } ? bodies.Delete(Id, BodyPart.Result(number), CancellationToken.None) : Task.CompletedTask;

    /// <summary>
    /// Executes the call concurrently with other requests to the grain, and reports the outcome as an ordinary grain request.
    /// </summary>
    private async Task Execute(CallExecution current)
    {
        try
        {
            await ExecuteAttempt(current);
        }
        catch (Exception e)
        {
            // The queue starts the next execution after the backoff.
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogExecutionFailed(logger, level, e, Id, State.Deployment);
            backoffUntil = time.GetUtcNow() + options.Value.InitialBackoff;
        }
        finally
        {
            if (execution == current)
                execution = null;
            current.Dispose();
        }
    }

    private async Task ExecuteAttempt(CallExecution current)
    {
        var self = GrainFactory.GetGrain<IAsyncCallGrain>(Id.Value);
        var (number, outcome) = await TryAttempt(self, current);
        if (outcome is not null)
            await RetryUntilStored(
                current,
                () => number is { } attempt ? self.CompleteAttempt(attempt, outcome) : self.CompleteWithoutPod(current.Id, outcome)
            );
    }

    /// <summary>
    /// Returns the outcome and the number of the attempt. The number is null if no attempt was made. Both are null if the call must no
    /// longer be attempted.
    /// </summary>
    private async Task<(int? Number, AttemptOutcome? Outcome)> TryAttempt(IAsyncCallGrain self, CallExecution current)
    {
        int? number = null;
        try
        {
            var (lease, rejection) = await pods.Acquire(DeploymentName.Parse(State.Deployment), State.Limits.Health, current.Aborted);
            using var _ = lease;
            if (lease is null)
                return (null, rejection);
            number = await self.StartAttempt(current.Id, lease.Pod);
            if (number is not { } attempt)
                return default;
            using var span = CallSpans.StartAttempt(State, attempt, lease.Pod);
            var outcome = await lease.Send(Id, attempt, State.Request, State.Limits.Request, current.Aborted);
            CallSpans.SetOutcome(span, outcome);
            return (attempt, outcome);
        }
        catch (OperationCanceledException) when (current.Aborted.IsCancellationRequested)
        {
            return (number, AttemptOutcome.NotAttempted("the execution was aborted"));
        }
    }

    /// <summary>
    /// Retries <paramref name="report"/> until the outcome is stored: losing the outcome in a storage outage would waste a prediction.
    /// </summary>
    private async Task RetryUntilStored(CallExecution current, Func<Task> report)
    {
        while (true)
        {
            try
            {
                await report();
                return;
            }
            catch (Exception e) when (!current.Aborted.IsCancellationRequested)
            {
                var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
                LogOutcomeNotStored(logger, level, e, Id, State.Deployment);
                await Task.Delay(StorageRetryDelay, time, current.Aborted);
            }
        }
    }

    [LoggerMessage(Message = "Executing call {CallId} of deployment {Deployment} failed; it will be retried")]
    private static partial void LogExecutionFailed(ILogger logger, LogLevel level, Exception exception, CallId callId, string deployment);

    [LoggerMessage(
        Message = "Storing the outcome of an attempt of call {CallId} of deployment {Deployment} failed; storing it will be retried"
    )]
    private static partial void LogOutcomeNotStored(ILogger logger, LogLevel level, Exception exception, CallId callId, string deployment);
}
