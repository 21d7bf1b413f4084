using DeployCard.Client.Cluster;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Executes the open calls of a deployment in the order of their ids. The grain holds its parts in memory only and decides when each of
/// them acts: <see cref="CallWindow"/> the order, <see cref="QueueUsage"/> the admission, <see cref="QueueRecovery"/> the calls in storage,
/// <see cref="CallDispatcher"/> the executions, <see cref="BacklogReporter"/> the reports to the deployment, <see cref="QueuePositions"/>
/// the status and <see cref="CallFeed"/> the stream of changes. Calls whose execution has started are part of the report of the gateway
/// that has them.
/// </summary>
// Load statistics are up to a second old: placement by load would put many queues that are activated together on one silo.
[RandomPlacement]
internal sealed class QueueGrain : Grain, IQueueGrain
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly DeploymentName deployment;
    private readonly CallWindow window = new();
    private readonly QueueUsage usage = new();
    private readonly QueueRecovery recovery;
    private readonly CachedRoute route;
    private readonly CallDispatcher dispatcher;
    private readonly BacklogReporter backlog;
    private readonly QueuePositions positions;
    private readonly CallFeed feed;
    private readonly AsyncCallMetrics metrics;
    private readonly TrafficRegistry traffic;
    private readonly TimeProvider time;
    private readonly CancellationToken stopping;
    private readonly ILogger logger;
    private IGrainTimer? timer;

    public QueueGrain(
        IAsyncCallStore calls,
        GrainRetry retry,
        IOptions<AsyncCallOptions> options,
        IHostApplicationLifetime lifetime,
        AsyncCallMetrics metrics,
        TrafficRegistry traffic,
        TimeProvider time,
        ILogger<QueueGrain> logger
    )
    {
        (this.metrics, this.traffic, this.time, this.logger) = (metrics, traffic, time, logger);
        (deployment, stopping) = (DeploymentName.Parse(this.GetPrimaryKeyString()), lifetime.ApplicationStopping);
        route = new(() => retry.Execute(GetDeployment().GetRoute));
        recovery = new(deployment, calls, window, usage);
        dispatcher = new(deployment, window, route, GrainFactory, retry, options.Value, TryDispatch, time, logger);
        backlog = new(deployment, report => GetDeployment().ReportLoad(report), time, logger);
        positions = new(deployment, window, calls, route, () => GetDeployment().Get(), time);
        feed = new(deployment, calls, id => GrainFactory.GetGrain<IAsyncCallGrain>(id.Value).Get(), stopping);
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await recovery.Restore(cancellationToken);
        metrics.TrackQueue(deployment, usage);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.UntrackQueue(deployment, usage);
        feed.Abort();
        return Task.CompletedTask;
    }

    public async Task<QueueFull?> Admit(long bytes, DeploymentConfiguration? limits) =>
        usage.Reserve(bytes, limits ?? (await route.Refresh()).Configuration);

    public Task Release(long bytes)
    {
        usage.Release(bytes);
        return Task.CompletedTask;
    }

    public async Task Enqueue(CallView call)
    {
        feed.Publish(call);
        if (recovery.TryEnqueue(call.Id))
            await TryDispatch();
    }

    public Task PublishChange(CallView call)
    {
        window.SetInFlight(call.Id, call.RunningSince is not null);
        feed.Publish(call);
        return Task.CompletedTask;
    }

    public async Task Wake()
    {
        route.Invalidate();
        try
        {
            await recovery.Reconcile();
        }
        catch (Exception e)
        {
            LogDispatchFailed(e);
        }

        await TryDispatch();
    }

    public Task<QueueStatus> GetStatus(IReadOnlyList<CallId> ids) => positions.GetStatus(ids);

    public IAsyncEnumerable<CallView> Watch(CallId? only, CallResumePoint? resumeFrom, CancellationToken cancellationToken) =>
        feed.Watch(only, resumeFrom, cancellationToken);

    private async Task TryDispatch()
    {
        try
        {
            await DispatchAndRefill();
        }
        catch (Exception e)
        {
            LogDispatchFailed(e);
        }
    }

    private async Task DispatchAndRefill()
    {
        if (stopping.IsCancellationRequested)
            return;
        try
        {
            window.ReleaseDeferred(time.GetUtcNow());
            if (window.Count > 0)
                await dispatcher.Dispatch();
            await recovery.Refill();
            backlog.Report(window.ReadyCount);
        }
        finally
        {
            // Also after a failure: otherwise the next try would follow up to a minute later.
            EnsureTimer();
        }
    }

    /// <summary>
    /// Runs the tick timer while the window has calls, because backoffs end and pods start and stop without a message to the queue. The
    /// timer also keeps the grain activated.
    /// </summary>
    private void EnsureTimer()
    {
        if (window.Count == 0)
        {
            timer?.Dispose();
            timer = null;
            usage.OldestPendingAt = null;
            return;
        }

        timer ??= this.RegisterGrainTimer(_ => OnTick(), new GrainTimerCreationOptions(TickInterval, TickInterval) { KeepAlive = true });
    }

    private Task OnTick()
    {
        route.Invalidate();
        RecordBacklog();
        return TryDispatch();
    }

    private void RecordBacklog()
    {
        usage.OldestPendingAt = window.OldestPendingAt;
        var now = time.GetUtcNow();
        traffic.For(deployment).RecordAsyncBacklog(usage.Calls - window.InFlight.Count, now - (usage.OldestPendingAt ?? now));
    }

    private void LogDispatchFailed(Exception e)
    {
        var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
        logger.LogDispatchFailed(level, e, deployment);
    }

    private IDeploymentGrain GetDeployment() => GrainFactory.GetGrain<IDeploymentGrain>(deployment.Value);
}
