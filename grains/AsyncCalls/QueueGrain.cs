using System.Runtime.CompilerServices;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// Holds the order of the calls in memory only: storage knows which have not ended, so an activation finds all of them again.
/// It holds a window of the oldest ones, however many there are. Its deployment is told how many no gateway has been given yet, as if it
/// were a gateway of its own: those that one has are in that one's report.
/// </summary>
internal sealed partial class QueueGrain(
    IAsyncCallStore calls, IOptions<AsyncCallOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<QueueGrain> logger) : Grain, IQueueGrain
{
    private const int Window = 1000;
    private const int FeedCapacity = 256;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Calls that come fast are told of together. The first that has to wait is told at once.</summary>
    private static readonly TimeSpan TellPause = TimeSpan.FromMilliseconds(100);

    private readonly LiveFeed<CallView> feed = new(FeedCapacity, lifetime.ApplicationStopping);
    private readonly HashSet<CallId> known = [];
    private readonly Queue<CallId> ready = [];
    private readonly PriorityQueue<CallId, DateTimeOffset> paused = new();

    // Those of the running ones that a pod may have, to be ended with their deployment.
    private readonly HashSet<CallId> attempted = [];
    private IGrainTimer? timer;
    private Route? route;
    private int running;
    private bool hasMore;
    private int toldBacklog;
    private DateTimeOffset toldAt;

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken) => Refill(cancellationToken);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        feed.Complete();
        return Task.CompletedTask;
    }

    public async Task Enqueue(CallId id)
    {
        // Beyond the window the order is storage's: it is read from there when its turn comes.
        if (hasMore)
            return;
        if (known.Add(id))
            ready.Enqueue(id);
        hasMore = known.Count > Window * 10;
        await Pump();
    }

    public Task Changed(CallView call)
    {
        feed.Publish(call);
        return Task.CompletedTask;
    }

    public async Task Wake()
    {
        route = null;
        try
        {
            await Refill(CancellationToken.None);
        }
        catch (Exception e)
        {
            LogPumpFailed(logger, e, Deployment);
        }

        await PumpSafely();
    }

    public async IAsyncEnumerable<CallView> Watch(CallId? only, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var call in feed.Watch(Present, cancellationToken))
        {
            if (only is null || call.Id == only)
                yield return call;
        }

        async ValueTask<IEnumerable<CallView>> Present() =>
            only is { } id && await GrainFactory.GetGrain<IAsyncCallGrain>(id.Value).Get() is { } call ? [call] : [];
    }

    private async Task Refill(CancellationToken cancellationToken)
    {
        var limit = known.Count + Window;
        var open = await calls.ListOpen(Deployment, null, limit, cancellationToken);
        foreach (var id in open.Where(known.Add))
            ready.Enqueue(id);
        hasMore = open.Count == limit;
    }

    private async Task Pump()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        while (paused.TryPeek(out var id, out var until) && until <= time.GetUtcNow())
            ready.Enqueue(paused.Dequeue());
        if (known.Count > 0)
            await Dispatch();
        if (hasMore && ready.Count < Window / 2)
            await Refill(CancellationToken.None);
        TellBacklog();
        KeepGoing();
    }

    private async Task Dispatch()
    {
        var present = route ??= await GrainFactory.GetGrain<IDeploymentGrain>(this.GetPrimaryKeyString()).GetRoute();
        if (present.State is RouteState.Stopped)
            return;
        var isServing = present.State is RouteState.Serving;
        if (!isServing)
            await GiveUpAttempted();
        var atOnce = isServing ? AtOnce(present) : options.Value.AtOnce;
        while (running < atOnce && ready.TryDequeue(out var id))
        {
            running++;
            _ = Run(id, isServing);
        }
    }

    private async Task GiveUpAttempted()
    {
        var ids = attempted.ToArray();
        attempted.Clear();
        await Task.WhenAll(ids.Select(id => GiveUp(GrainFactory.GetGrain<IAsyncCallGrain>(id.Value))));
    }

    /// <summary>As many as the pods carry that are there, and a pod's worth more so that the load calls for the next one.</summary>
    private int AtOnce(Route present)
    {
        var perPod = present.Limits.Concurrency > 0 ? present.Limits.Concurrency : options.Value.AtOncePerPod;
        return Math.Min(options.Value.AtOnce, perPod * (present.Pods.Count + 1));
    }

    /// <summary>
    /// Tells the deployment what waits here: with every look while something does, and once when nothing does any more. It falls silent then.
    /// A call that pauses after a failed attempt wants no pod before its time.
    /// </summary>
    private void TellBacklog()
    {
        var now = time.GetUtcNow();
        if ((ready.Count == 0 && toldBacklog == 0) || (toldBacklog > 0 && ready.Count > 0 && now - toldAt < TellPause))
            return;
        (toldBacklog, toldAt) = (ready.Count, now);
        _ = Tell(new(LoadReport.Queue, now, 0, ready.Count, now, []));
    }

    /// <summary>Runs beside the grain's turns: a deployment that starts pods for it holds no call up.</summary>
    private async Task Tell(LoadReport backlog)
    {
        try
        {
            await GrainFactory.GetGrain<IDeploymentGrain>(this.GetPrimaryKeyString()).ReportLoad(backlog);
        }
        catch (Exception e)
        {
            LogBacklogNotTold(logger, e, Deployment);
        }
    }

    /// <summary>Runs beside the grain's turns, on its scheduler; its failures put the call back.</summary>
    private async Task Run(CallId id, bool isServing)
    {
        DateTimeOffset? again = time.GetUtcNow() + options.Value.FirstPause;
        try
        {
            var call = GrainFactory.GetGrain<IAsyncCallGrain>(id.Value);
            if (isServing)
                attempted.Add(id);
            again = isServing ? await Attempt(call) : await GiveUp(call);
        }
        catch (Exception e)
        {
            LogAttemptLost(logger, e, id, Deployment);
        }

        running--;
        attempted.Remove(id);
        if (again is { } at)
            paused.Enqueue(id, at);
        else
            known.Remove(id);
        await PumpSafely();
    }

    private static async Task<DateTimeOffset?> Attempt(IAsyncCallGrain call)
    {
        var start = await call.BeginAttempt();
        if (start.Number is null)
            return start.NotBefore;
        AttemptProgress progress;
        do
            progress = await call.AwaitAttempt();
        while (progress.IsRunning);
        return progress.NotBefore;
    }

    private static async Task<DateTimeOffset?> GiveUp(IAsyncCallGrain call)
    {
        await call.Fail(CallErrorCode.DeploymentDeleted, "The deployment was deleted.", CancellationToken.None);
        return null;
    }

    /// <summary>Looks again while there are calls: pauses end, pods come and go. It stays awake for that long.</summary>
    private void KeepGoing()
    {
        if (known.Count == 0)
        {
            timer?.Dispose();
            timer = null;
            return;
        }

        timer ??= this.RegisterGrainTimer(_ => Look(), new GrainTimerCreationOptions(Period, Period) { KeepAlive = true });
    }

    private Task Look()
    {
        route = null;
        return PumpSafely();
    }

    private async Task PumpSafely()
    {
        try
        {
            await Pump();
        }
        catch (Exception e)
        {
            LogPumpFailed(logger, e, Deployment);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The attempt of call {Call} of deployment {Deployment} was lost; it is tried again")]
    private static partial void LogAttemptLost(ILogger logger, Exception exception, CallId call, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deployment {Deployment} could not be told its backlog; trying again")]
    private static partial void LogBacklogNotTold(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue of deployment {Deployment} could not go on; trying again")]
    private static partial void LogPumpFailed(ILogger logger, Exception exception, DeploymentName deployment);
}
