using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Results;
using DeployCard.Domain.Callbacks;
using DeployCard.Domain.Retention;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The life cycle of an accepted call. The grain decides when each of its parts acts: <see cref="StoredCall"/> the state,
/// <see cref="CallExecutor"/> the executions, <see cref="CallAttempts"/> their record, <see cref="CallEnding"/> the end,
/// <see cref="CallbackDeliverer"/> the callback and <see cref="EndWaiters"/> the requests that wait for the end.
/// </summary>
[CollectionAgeLimit(Minutes = 2)] // Thousands of calls end each minute, each with bodies in its state.
// Moving an activation to balance the silos would interrupt its attempt.
[Immovable]
internal sealed class AsyncCallGrain : Grain, IAsyncCallGrain, IDisposable
{
    /// <summary>Maximum time that one grain request waits. It is well below the response timeout of Orleans.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly StoredCall call;
    private readonly CallExecutor executor;
    private readonly CallAttempts attempts;
    private readonly CallEnding ending;
    private readonly CallbackDeliverer callbacks;
    private readonly EndWaiters waiters;
    private readonly IBodyStore bodies;
    private readonly AsyncCallOptions options;
    private readonly TimeProvider time;
    private readonly CancellationToken stopping;
    private readonly ILogger logger;
    private IGrainTimer? dueTimer;

    public AsyncCallGrain(
        [PersistentState(CallAcceptor.StateName)] IPersistentState<AsyncCallState> stored,
        IPodCaller pods,
        IBodyStore bodies,
        CallbackDispatcher dispatcher,
        IOptions<AsyncCallOptions> options,
        IHostApplicationLifetime lifetime,
        AsyncCallMetrics metrics,
        TimeProvider time,
        ILogger<AsyncCallGrain> logger
    )
    {
        (this.bodies, this.time, this.logger) = (bodies, time, logger);
        (this.options, stopping) = (options.Value, lifetime.ApplicationStopping);
        call = new(this.GetPrimaryKeyString(), stored, GrainFactory, ScheduleDue);
        waiters = new(time, stopping);
        executor = new(call, pods, this.options, time, logger, stopping);
        callbacks = new(call, dispatcher, time, logger, stopping);
        ending = new(call, executor, waiters, callbacks, metrics, time, logger);
        attempts = new(call, executor, ending, bodies, this.options, metrics, time, stopping);
    }

    private AsyncCallState State => call.State;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        attempts.FailOrphaned("the silo that executed it was lost");
        ScheduleDue();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        executor.Abort();
        return attempts.InterruptByShutdown(cancellationToken);
    }

    public void Dispose() => executor.Dispose();

    public Task<CallView?> Get() => Task.FromResult(call.Exists ? State.ToView() : null);

    public Task<CallResult?> GetResult() => Task.FromResult(State.Result);

    public Task<string?> GetFingerprint() => Task.FromResult(State.Fingerprint);

    public async Task<bool> WaitForEnd(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (call.IsOpen)
            await waiters.Wait(timeout, cancellationToken);
        return !call.IsOpen;
    }

    public async Task<Outcome<CallView>> Cancel(string actor, CancellationToken cancellationToken)
    {
        if (CallCommandChecks.CheckCancel(State, call.Id) is { } rejection)
            return rejection;
        await ending.End(State, CallEnd.Failed(CallErrorCode.Canceled, $"Canceled by {actor}."), cancellationToken);
        return State.ToView();
    }

    public async Task<Outcome<CallView>> Retry(string actor, CancellationToken cancellationToken)
    {
        if (CallCommandChecks.CheckRetry(State, call.Id) is { } rejection)
            return rejection;
        if (await call.Queue.Admit(State.RequestBytes, null) is { } full)
            return new FieldError("id", ErrorCodes.LimitReached, full.ToString());
        try
        {
            await call.Store(State.WithRetry(time.GetUtcNow()), cancellationToken);
        }
        catch
        {
            await call.Queue.Release(State.RequestBytes);
            throw;
        }

        logger.LogRetried(call.Id, State.Deployment, actor);
        await call.Queue.Enqueue(State.ToView());
        return State.ToView();
    }

    public async Task Fail(CallErrorCode code, string message, CancellationToken cancellationToken)
    {
        if (call.IsOpen)
            await ending.End(State, CallEnd.Failed(code, message), cancellationToken);
    }

    public async Task<ExecutionStatus> StartExecution()
    {
        if (!call.IsOpen)
            return ExecutionStatus.CallEnded;
        // A new activation of the queue also starts calls whose execution is already running.
        if (executor.IsRunning)
            return ExecutionStatus.Running;
        var now = time.GetUtcNow();
        if (executor.NotBefore is { } earliest && earliest > now)
            return new(false, earliest);
        // The shutdown would interrupt the execution immediately; shortly afterwards the call is activated on another silo.
        if (stopping.IsCancellationRequested)
            return new(false, now + options.InitialBackoff);
        await ExpireIfDue(CancellationToken.None);
        await attempts.EndIfExhausted();
        if (!call.IsOpen)
            return ExecutionStatus.CallEnded;
        executor.Start(now);
        return ExecutionStatus.Running;
    }

    public async Task<ExecutionStatus> WaitForExecution()
    {
        await executor.Wait(MaxWait);
        return executor.IsRunning ? ExecutionStatus.Running
            : !call.IsOpen ? ExecutionStatus.CallEnded
            : new(false, executor.NotBefore ?? time.GetUtcNow());
    }

    public Task<int?> StartAttempt(Guid executionId, string pod) => attempts.Start(executionId, pod);

    public Task CompleteWithoutPod(Guid executionId, AttemptOutcome outcome) => attempts.CompleteWithoutPod(executionId, outcome);

    public Task CompleteAttempt(int number, AttemptOutcome outcome) => attempts.Complete(number, outcome);

    public async Task<Outcome<CallView>> RedeliverCallback(string actor, CancellationToken cancellationToken)
    {
        if (CallCommandChecks.CheckRedelivery(State, call.Id) is { } rejection)
            return rejection;
        logger.LogRedeliveryRequested(call.Id, State.Deployment, actor);
        await callbacks.Redeliver(MaxWait, cancellationToken);
        return call.Exists ? State.ToView() : CallCommandChecks.CreateNotFound(call.Id);
    }

    public Task CompleteDelivery(int endNumber, bool isManual, DeliveryAttempt attempt) => callbacks.Complete(endNumber, isManual, attempt);

    public Task EnsureActive() => Task.CompletedTask;

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (!call.Exists || State.DueAt is not { } at || at > time.GetUtcNow())
            return;
        if (State.HasEnded && State.PurgeAt > time.GetUtcNow())
            await callbacks.StartIfDue(cancellationToken);
        else if (State.HasEnded)
            await Remove(cancellationToken);
        else
            await ending.End(
                State,
                CallEnd.Failed(
                    CallErrorCode.Expired,
                    $"The call did not end within its X-Full-Live-Timeout of {State.Limits.FullLive?.TotalSeconds} s."
                ),
                cancellationToken
            );
    }

    public async Task Remove(CancellationToken cancellationToken)
    {
        executor.Abort();
        if (call.Exists)
        {
            var removed = State;
            // If the silo stops before the state is cleared, the next sweep removes the call; bodies without a call are purged by their
            // age.
            if (removed.Request.Body is { Inline: null } || removed.Result?.Body is { Inline: null })
                await bodies.Delete(call.Id, cancellationToken);
            await call.Clear(cancellationToken);
            if (!removed.HasEnded)
                await GrainFactory.GetGrain<IQueueGrain>(removed.Deployment).Release(removed.RequestBytes);
        }

        // A pending wait would delay the deactivation. Waiters repeat their request and reach the next activation.
        waiters.Release();
        DeactivateOnIdle();
    }

    private void ScheduleDue()
    {
        dueTimer?.Dispose();
        dueTimer = State.DueAt is { } at ? this.RegisterExpiryTimer(ExpireIfDue, at, time.GetUtcNow()) : null;
    }
}
