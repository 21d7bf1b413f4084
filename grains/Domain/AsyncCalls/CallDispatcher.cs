using DeployCard.Client.Cluster;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Contracts.Storage;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Executes the ready calls of a window within the limit of <see cref="DispatchPlan"/>. The invariant: a dispatched call leaves the
/// execution exactly once. It leaves the window if the call has ended, and is deferred otherwise, also after a failure. The dispatcher then
/// dispatches again.
/// </summary>
/// <param name="deployment">Deployment whose calls are executed.</param>
/// <param name="window">Order of the calls.</param>
/// <param name="route">Route of the deployment.</param>
/// <param name="grains">Access to the grains of the calls.</param>
/// <param name="retry">Retries of requests to these grains.</param>
/// <param name="options">Limits of concurrency, and the backoff after a failure.</param>
/// <param name="dispatchAgain">Called on the scheduler of the queue after an execution ended. Must not throw.</param>
/// <param name="time">The clock for backoffs.</param>
/// <param name="logger">Receives failures of executions.</param>
internal sealed class CallDispatcher(
    DeploymentName deployment,
    CallWindow window,
    CachedRoute route,
    IGrainFactory grains,
    GrainRetry retry,
    AsyncCallOptions options,
    Func<Task> dispatchAgain,
    TimeProvider time,
    ILogger logger
)
{
    private readonly StartSequence starts = new(time);

    /// <summary>
    /// Starts the execution of as many ready calls as the plan allows. Calls of a deployment that was deleted end in an error instead.
    /// Calls of a stopped deployment wait.
    /// </summary>
    public async Task Dispatch()
    {
        var current = await route.Get();
        if (current.State is RouteState.Stopped)
            return;
        var isServing = current.State is RouteState.Serving;
        if (!isServing)
            await Task.WhenAll(window.InFlight.Select(id => FailDeleted(GetCall(id))));
        var plan = DispatchPlan.For(current, options);
        while (window.DispatchedCount < plan.MaxRunning && window.Dequeue() is { } id)
            _ = Run(id, isServing, plan.MustStartInOrder(window.DispatchedCount));
    }

    /// <summary>
    /// Executes a call concurrently with other requests to the grain, on its scheduler. After a failure the call backs off and is retried.
    /// </summary>
    private async Task Run(CallId id, bool isServing, bool mustFollowEarlier)
    {
        DateTimeOffset? notBefore = time.GetUtcNow() + options.InitialBackoff;
        try
        {
            var call = GetCall(id);
            notBefore = isServing ? await Execute(call, mustFollowEarlier) : await FailDeleted(call);
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
            logger.LogExecutionFailed(level, e, id, deployment);
        }

        if (notBefore is { } at)
            window.Defer(id, at);
        else
            window.Remove(id);
        await dispatchAgain();
    }

    private async Task<DateTimeOffset?> Execute(IAsyncCallGrain call, bool mustFollowEarlier)
    {
        var progress = await starts.Start(mustFollowEarlier, () => retry.Execute(call.StartExecution));
        while (progress.IsRunning)
            progress = await retry.Execute(call.WaitForExecution);
        return progress.NotBefore;
    }

    private async Task<DateTimeOffset?> FailDeleted(IAsyncCallGrain call)
    {
        await retry.Execute(() => call.Fail(CallErrorCode.DeploymentDeleted, "The deployment was deleted.", CancellationToken.None));
        return null;
    }

    private IAsyncCallGrain GetCall(CallId id) => grains.GetGrain<IAsyncCallGrain>(id.Value);
}
