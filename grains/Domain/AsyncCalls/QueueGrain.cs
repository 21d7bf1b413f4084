using System.Runtime.CompilerServices;
using DeployCard.Client.Cluster;
using DeployCard.Common.Live;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Executes the open calls of a deployment in the order of their ids. The order is held in memory only: a new activation reads the open
/// calls from storage. Only a window of the oldest calls is in memory. The queue reports the number of ready calls to the deployment as if
/// it were a gateway; calls whose execution has started are part of the report of the gateway that has them.
/// </summary>
// Load statistics are up to a second old: placement by load would put many queues that are activated together on one silo.
[RandomPlacement]
internal sealed partial class QueueGrain(
    IAsyncCallStore calls,
    GrainRetry retry,
    IOptions<AsyncCallOptions> options,
    IHostApplicationLifetime lifetime,
    AsyncCallMetrics metrics,
    TrafficRegistry traffic,
    TimeProvider time,
    ILogger<QueueGrain> logger
) : Grain, IQueueGrain
{
    /// <summary>Number of calls that one query reads from storage.</summary>
    private const int BatchSize = 1000;

    /// <summary>Maximum number of calls in memory. Further calls stay in storage until the queue reaches them.</summary>
    private const int MaxWindow = 10_000;

    private const int SubscriberCapacity = 256;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    /// <summary>Minimum time between two backlog reports while calls wait. The first waiting call is reported immediately.</summary>
    private static readonly TimeSpan MinReportInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Maximum number of slots for which surplus calls start strictly in order. Above this number, serializing the starts would cost more
    /// than an occasional swap of neighboring calls.
    /// </summary>
    private const int MaxSlotsForStrictOrder = 8;

    /// <summary>Time for which the status of the queue is cached.</summary>
    private static readonly TimeSpan StatusCacheDuration = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Maximum time that a surplus call waits for earlier calls to start, so that a call on a lost silo does not block the others.
    /// </summary>
    private static readonly TimeSpan OrderingTimeout = TimeSpan.FromSeconds(1);

    private readonly Broadcaster<CallView> broadcaster = new(SubscriberCapacity, lifetime.ApplicationStopping);
    private readonly CallWindow window = new();
    private readonly QueueUsage usage = new();
    private IGrainTimer? timer;
    private Route? route;

    // Completes when the start of every execution so far was confirmed or has failed.
    private Task allStarted = Task.CompletedTask;

    // Whether storage may have open calls that are younger than the window.
    private bool hasMore;
    private int reportedBacklog;
    private DateTimeOffset reportedAt;

    // The cached status, with the youngest call of the window at that time.
    private (QueueStatus Status, CallId? Last, DateTimeOffset At)? cachedStatus;

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        usage.Reconcile(await calls.CountOpen(Deployment, cancellationToken));
        await Refill(cancellationToken);
        metrics.TrackQueue(Deployment, usage);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.UntrackQueue(Deployment, usage);
        broadcaster.Abort();
        return Task.CompletedTask;
    }

    public async Task<QueueFull?> Admit(long bytes, RouteLimits? limits) => usage.Reserve(bytes, limits ?? (await RefreshRoute()).Limits);

    public Task Release(long bytes)
    {
        usage.Release(bytes);
        return Task.CompletedTask;
    }

    public async Task Enqueue(CallView call)
    {
        broadcaster.Publish(call);
        // Calls beyond the window are read from storage when the queue reaches them.
        if (hasMore && !window.Covers(call.Id))
            return;
        window.Requeue(call.Id);
        hasMore |= window.Count > MaxWindow;
        await TryDispatch();
    }

    public Task PublishChange(CallView call)
    {
        window.SetInFlight(call.Id, call.RunningSince is not null);
        broadcaster.Publish(call);
        return Task.CompletedTask;
    }

    public async Task Wake()
    {
        route = null;
        try
        {
            usage.Reconcile(await calls.CountOpen(Deployment, CancellationToken.None));
            await AddMissedCalls();
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogDispatchFailed(logger, level, e, Deployment);
        }

        await TryDispatch();
    }

    public async Task<QueueStatus> GetStatus(IReadOnlyList<CallId> ids)
    {
        // The status is cached, because computing the positions enumerates the whole window.
        if (cachedStatus is not { } known || time.GetUtcNow() - known.At >= StatusCacheDuration)
        {
            var last = window.Youngest;
            cachedStatus = known = (await ComputeStatus(), last, time.GetUtcNow());
        }

        return known.Status with
        {
            Positions = await GetPositions(known.Status.Positions, known.Last, [.. ids.Distinct()]),
        };
    }

    public async IAsyncEnumerable<CallView> Watch(
        CallId? only,
        CallResumePoint? resumeFrom,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var call in broadcaster.Subscribe(Snapshot, cancellationToken))
        {
            if (only is null || call.Id == only)
                yield return call;
        }

        async ValueTask<IEnumerable<CallView>> Snapshot() =>
            only is { } id ? await GetViews([id])
            : resumeFrom is not null ? await GetViews(await ListUnseen(resumeFrom, cancellationToken))
            : [];
    }

    /// <summary>Returns the calls that a subscriber does not know or may have missed, oldest first.</summary>
    private async Task<IReadOnlyList<CallId>> ListUnseen(CallResumePoint gap, CancellationToken cancellationToken)
    {
        IEnumerable<CallId> newest = gap.NewestCount > 0 ? await ListNewest(new(), gap.NewestCount, cancellationToken) : [];
        return
        [
            .. gap
                .OpenIds.Union(newest)
                .Union(await ListNewest(new(From: gap.AcceptedSince), CallResumePoint.MaxCalls, cancellationToken))
                .Order(CallId.OldestFirst),
        ];
    }

    private async Task<IEnumerable<CallId>> ListNewest(CallFilter filter, int limit, CancellationToken cancellationToken) =>
        (await calls.List(Deployment, filter, new(limit), cancellationToken)).Items.Select(call => call.Item.Id);

    private async Task<IEnumerable<CallView>> GetViews(IReadOnlyList<CallId> ids) =>
        (await Task.WhenAll(ids.Select(id => GrainFactory.GetGrain<IAsyncCallGrain>(id.Value).Get()))).OfType<CallView>();

    private async Task<QueueStatus> ComputeStatus()
    {
        // The positions are read first. Otherwise a call could be listed as waiting although a pod got it in the meantime.
        var positions = window.GetPending().Index().ToDictionary(entry => entry.Item, entry => entry.Index + 1L);
        var current = await RefreshRoute();
        var view = await GrainFactory.GetGrain<IDeploymentGrain>(this.GetPrimaryKeyString()).Get();
        return new()
        {
            State = current.State,
            ReadyPods = current.Pods.Count,
            StartingPods = view?.Pods.Count(pod => pod.Phase is PodPhase.Starting) ?? 0,
            Failure = current.Failure,
            RetryAt = current.RetryAt,
            Positions = positions,
        };
    }

    private async Task<Route> RefreshRoute() =>
        route = await retry.Execute(GrainFactory.GetGrain<IDeploymentGrain>(this.GetPrimaryKeyString()).GetRoute);

    /// <summary>
    /// Returns the positions of calls. Calls up to <paramref name="last"/> are looked up in the cached order; younger calls are counted in
    /// storage.
    /// </summary>
    private async Task<Dictionary<CallId, long>> GetPositions(
        IReadOnlyDictionary<CallId, long> order,
        CallId? last,
        IReadOnlyList<CallId> ids
    )
    {
        var positions = ids.Where(order.ContainsKey).ToDictionary(id => id, id => order[id]);
        var ahead = (long)order.Count;
        // Calls beyond the cached order are counted in storage, each from the previous one.
        foreach (var id in ids.Where(id => !id.IsNotYoungerThan(last)).Order(CallId.OldestFirst))
        {
            ahead += await calls.CountOpen(Deployment, last, id, CancellationToken.None);
            (positions[id], last) = (ahead, id);
        }

        return positions;
    }

    private async Task Refill(CancellationToken cancellationToken)
    {
        var open = await calls.ListOpen(Deployment, window.Youngest, BatchSize, cancellationToken);
        foreach (var id in open)
            window.Add(id);
        hasMore = open.Count == BatchSize;
    }

    /// <summary>Adds calls of the window whose <see cref="Enqueue"/> message was lost.</summary>
    private async Task AddMissedCalls()
    {
        var most = window.Count + BatchSize;
        var open = await calls.ListOpen(Deployment, null, most, CancellationToken.None);
        foreach (var id in open.Where(id => !hasMore || window.Covers(id)))
            window.Add(id);
        hasMore |= open.Count == most;
    }

    private async Task DispatchAndRefill()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        try
        {
            window.ReleaseDeferred(time.GetUtcNow());
            if (window.Count > 0)
                await Dispatch();
            if (hasMore && window.ReadyCount < BatchSize / 2)
                await Refill(CancellationToken.None);
            ReportBacklog();
        }
        finally
        {
            // Also after a failure: otherwise the next try would follow up to a minute later.
            EnsureTimer();
        }
    }

    private async Task Dispatch()
    {
        var current = route ?? await RefreshRoute();
        if (current.State is RouteState.Stopped)
            return;
        var isServing = current.State is RouteState.Serving;
        if (!isServing)
            await Task.WhenAll(window.InFlight.Select(id => FailDeleted(GrainFactory.GetGrain<IAsyncCallGrain>(id.Value))));
        var slots = CountSlots(current, current.Pods.Count);
        // This is the capacity of one pod more than are ready, so that the load makes the autoscaler add a pod.
        var maxRunning = isServing ? CountSlots(current, current.Pods.Count + 1) : options.Value.MaxConcurrency;
        while (window.DispatchedCount < maxRunning && window.Dequeue() is { } id)
            _ = Run(id, isServing, slots <= MaxSlotsForStrictOrder && window.DispatchedCount > slots);
    }

    private int CountSlots(Route current, int pods) =>
        Math.Min(
            options.Value.MaxConcurrency,
            pods * (current.Limits.Concurrency > 0 ? current.Limits.Concurrency : options.Value.DefaultConcurrencyPerPod)
        );

    /// <summary>
    /// Reports the number of ready calls to the deployment: with every tick while there are any, and once after the last one was
    /// dispatched. Calls that back off are not reported, because they need no pod yet.
    /// </summary>
    private void ReportBacklog()
    {
        var now = time.GetUtcNow();
        if (
            (window.ReadyCount == 0 && reportedBacklog == 0)
            || (reportedBacklog > 0 && window.ReadyCount > 0 && now - reportedAt < MinReportInterval)
        )
            return;
        (reportedBacklog, reportedAt) = (window.ReadyCount, now);
        _ = SendBacklog(new(LoadReport.Queue, now, 0, window.ReadyCount, now, []));
    }

    /// <summary>
    /// Sends a report concurrently with other requests to the grain, so that a deployment that starts pods does not delay calls.
    /// </summary>
    private async Task SendBacklog(LoadReport backlog)
    {
        try
        {
            await GrainFactory.GetGrain<IDeploymentGrain>(this.GetPrimaryKeyString()).ReportLoad(backlog);
        }
        catch (Exception e)
        {
            LogBacklogReportFailed(logger, e, Deployment);
        }
    }

    /// <summary>
    /// Executes a call concurrently with other requests to the grain, on its scheduler. After a failure the call backs off and is retried.
    /// </summary>
    private async Task Run(CallId id, bool isServing, bool isSurplus)
    {
        DateTimeOffset? notBefore = time.GetUtcNow() + options.Value.InitialBackoff;
        try
        {
            var call = GrainFactory.GetGrain<IAsyncCallGrain>(id.Value);
            notBefore = isServing ? await Execute(call, isSurplus) : await FailDeleted(call);
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
            LogExecutionFailed(logger, level, e, id, Deployment);
        }

        if (notBefore is { } at)
            window.Defer(id, at);
        else
            window.Remove(id);
        await TryDispatch();
    }

    private async Task<DateTimeOffset?> Execute(IAsyncCallGrain call, bool isSurplus)
    {
        var progress = await StartExecution(call, isSurplus);
        while (progress.IsRunning)
            progress = await retry.Execute(call.WaitForExecution);
        return progress.NotBefore;
    }

    /// <summary>
    /// Starts the execution of a call. Calls with a free slot start concurrently. A surplus call, which will wait at the gateway, must not
    /// reach the gateway before earlier calls.
    /// </summary>
    private async Task<ExecutionStatus> StartExecution(IAsyncCallGrain call, bool isSurplus)
    {
        var (earlier, started) = (allStarted, new TaskCompletionSource());
        allStarted = Task.WhenAll(earlier, started.Task);
        try
        {
            if (isSurplus)
                await earlier
                    .WaitAsync(OrderingTimeout, time)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return await retry.Execute(call.StartExecution);
        }
        finally
        {
            started.SetResult();
        }
    }

    private async Task<DateTimeOffset?> FailDeleted(IAsyncCallGrain call)
    {
        await retry.Execute(() => call.Fail(CallErrorCode.DeploymentDeleted, "The deployment was deleted.", CancellationToken.None));
        return null;
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
        route = null;
        RecordBacklog();
        return TryDispatch();
    }

    private void RecordBacklog()
    {
        usage.OldestPendingAt = window.OldestPendingAt;
        var now = time.GetUtcNow();
        traffic.For(Deployment).RecordAsyncBacklog(usage.Calls - window.InFlight.Count, now - (usage.OldestPendingAt ?? now));
    }

    private async Task TryDispatch()
    {
        try
        {
            await DispatchAndRefill();
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogDispatchFailed(logger, level, e, Deployment);
        }
    }

    [LoggerMessage(Message = "Executing call {CallId} of deployment {Deployment} failed; it will be retried")]
    private static partial void LogExecutionFailed(
        ILogger logger,
        LogLevel level,
        Exception exception,
        CallId callId,
        DeploymentName deployment
    );

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reporting the async backlog to deployment {Deployment} failed; it will be retried")]
    private static partial void LogBacklogReportFailed(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Message = "Dispatching calls of the async queue of deployment {Deployment} failed; it will be retried")]
    private static partial void LogDispatchFailed(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
