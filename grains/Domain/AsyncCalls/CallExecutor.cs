using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Runs the executions of a call in the background: each waits for a pod and makes one attempt there. The invariants: at most one execution
/// runs per activation. An attempt is stored before its pod gets the request. An outcome is reported until it is stored, or until the
/// execution is aborted.
/// </summary>
/// <param name="call">The call to execute. The execution reports to its grain as an ordinary request.</param>
/// <param name="pods">Access to the pods.</param>
/// <param name="options">Backoff after an execution without an attempt.</param>
/// <param name="time">The clock for backoffs.</param>
/// <param name="logger">Receives failures of executions.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts the execution.</param>
internal sealed class CallExecutor(
    StoredCall call,
    IPodCaller pods,
    AsyncCallOptions options,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping
) : IDisposable
{
    /// <summary>Delay before storing an outcome is retried.</summary>
    private static readonly TimeSpan StorageRetryDelay = TimeSpan.FromSeconds(1);

    private CallExecution? current;

    // End of the backoff after an execution without an attempt. It is not stored: a new activation may start immediately.
    private DateTimeOffset? backoffUntil;

    /// <summary>Whether an execution is running.</summary>
    public bool IsRunning => current is not null;

    /// <summary>Earliest start of the next execution, UTC; null if no backoff was necessary.</summary>
    public DateTimeOffset? NotBefore => new[] { call.State.NextAttemptAt, backoffUntil }.Max();

    /// <summary>Starts an execution. No other execution may be running.</summary>
    /// <param name="now">The current time, UTC.</param>
    public void Start(DateTimeOffset now)
    {
        current = new(now, stopping);
        _ = Execute(current);
    }

    /// <summary>Returns the running execution with the given id; null if it is no longer running.</summary>
    public CallExecution? Find(Guid executionId) => current?.Id == executionId ? current : null;

    /// <summary>Waits until the running execution has ended, at most for <paramref name="timeout"/>.</summary>
    public async Task Wait(TimeSpan timeout)
    {
        try
        {
            // If this activation runs no execution, the execution has ended or was lost together with the silo of an earlier activation.
            if (current is { } running)
                await running.Completion.WaitAsync(timeout, time);
        }
        catch (TimeoutException)
        {
            // The execution is still running.
        }
    }

    /// <summary>Postpones the next execution by the initial backoff.</summary>
    public void BackOff() => backoffUntil = time.GetUtcNow() + options.InitialBackoff;

    /// <summary>Aborts the running execution.</summary>
    public void Abort() => current?.Abort();

    /// <inheritdoc/>
    public void Dispose() => current?.Dispose();

    /// <summary>
    /// Executes the call concurrently with other requests to the grain, and reports the outcome as an ordinary grain request.
    /// </summary>
    private async Task Execute(CallExecution execution)
    {
        try
        {
            await ExecuteAttempt(execution);
        }
        catch (Exception e)
        {
            // The queue starts the next execution after the backoff.
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            logger.LogExecutionFailed(level, e, call.Id, call.State.Deployment);
            BackOff();
        }
        finally
        {
            if (current == execution)
                current = null;
            execution.Dispose();
        }
    }

    private async Task ExecuteAttempt(CallExecution execution)
    {
        var self = call.Self;
        var (number, outcome) = await TryAttempt(self, execution);
        if (outcome is not null)
            await RetryUntilStored(
                execution,
                () => number is { } attempt ? self.CompleteAttempt(attempt, outcome) : self.CompleteWithoutPod(execution.Id, outcome)
            );
    }

    /// <summary>
    /// Returns the outcome and the number of the attempt. The number is null if no attempt was made. Both are null if the call must no
    /// longer be attempted.
    /// </summary>
    private async Task<(int? Number, AttemptOutcome? Outcome)> TryAttempt(IAsyncCallGrain self, CallExecution execution)
    {
        int? number = null;
        try
        {
            var (deployment, limits) = (DeploymentName.Parse(call.State.Deployment), call.State.Limits);
            var (lease, rejection) = await pods.Acquire(deployment, limits.Health, execution.Aborted);
            using var _ = lease;
            if (lease is null)
                return (null, rejection);
            number = await self.StartAttempt(execution.Id, lease.Pod);
            if (number is not { } attempt)
                return default;
            using var span = CallSpans.StartAttempt(call.State, attempt, lease.Pod);
            var outcome = await lease.Send(call.Id, attempt, call.State.Request, call.State.Limits.Request, execution.Aborted);
            CallSpans.SetOutcome(span, outcome);
            return (attempt, outcome);
        }
        catch (OperationCanceledException) when (execution.Aborted.IsCancellationRequested)
        {
            return (number, AttemptOutcome.NotAttempted("the execution was aborted"));
        }
    }

    /// <summary>
    /// Retries <paramref name="report"/> until the outcome is stored: losing the outcome in a storage outage would waste a prediction.
    /// </summary>
    private async Task RetryUntilStored(CallExecution execution, Func<Task> report)
    {
        while (true)
        {
            try
            {
                await report();
                return;
            }
            catch (Exception e) when (!execution.Aborted.IsCancellationRequested)
            {
                var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
                logger.LogOutcomeNotStored(level, e, call.Id, call.State.Deployment);
                await Task.Delay(StorageRetryDelay, time, execution.Aborted);
            }
        }
    }
}
