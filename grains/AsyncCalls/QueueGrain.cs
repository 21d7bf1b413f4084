using System.Runtime.CompilerServices;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// Holds the order of the calls in memory only: storage knows which have not ended, so an activation finds all of them again.
/// It holds a window of the oldest ones, however many there are. Its deployment is told how many no gateway has been given yet, as if it
/// were a gateway of its own: those that one has are in that one's report.
/// </summary>
// By load figures, which are a second old, all that come at once would go to one silo.
[RandomPlacement]
internal sealed partial class QueueGrain(
    IAsyncCallStore calls,
    RepeatableCalls repeatable,
    IOptions<AsyncCallOptions> options,
    IHostApplicationLifetime lifetime,
    AsyncCallMetrics metrics,
    TrafficBook traffic,
    TimeProvider time,
    ILogger<QueueGrain> logger
) : Grain, IQueueGrain
{
    /// <summary>How many calls are read from storage at a time.</summary>
    private const int Batch = 1000;

    /// <summary>From here on those that come are left to storage until their turn is near.</summary>
    private const int MostKnown = 10_000;

    private const int FeedCapacity = 256;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Calls that come fast are told of together. The first that has to wait is told at once.</summary>
    private static readonly TimeSpan TellPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Up to so many places calls begin strictly one behind the other where there are none left. With more, that would cost more than neighbours that change places.</summary>
    private const int MostInLine = 8;

    private static readonly TimeSpan ExplainPause = TimeSpan.FromSeconds(1);

    /// <summary>How long one that is to stand behind others waits until those stand: one whose silo is gone holds nobody up.</summary>
    private static readonly TimeSpan LinePatience = TimeSpan.FromSeconds(1);

    private readonly LiveFeed<CallView> feed = new(FeedCapacity, lifetime.ApplicationStopping);
    private readonly CallWindow window = new();
    private readonly QueueSize size = new();
    private IGrainTimer? timer;
    private Route? route;

    // Ends when all that have their turn stand at a gateway, or are past that.
    private Task line = Task.CompletedTask;

    // Whether storage has calls that are younger than all of the window.
    private bool hasMore;
    private int toldBacklog;
    private DateTimeOffset toldAt;

    // With the youngest call of the window then.
    private (QueueSituation Situation, CallId? Last, DateTimeOffset At)? explained;

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        size.Set(await calls.CountOpen(Deployment, cancellationToken));
        await Refill(cancellationToken);
        metrics.Has(Deployment, size);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.HasNot(Deployment, size);
        feed.BreakOff();
        return Task.CompletedTask;
    }

    public async Task<QueueRefusal?> Admit(long bytes, RouteLimits? limits) => size.Take(bytes, limits ?? (await FreshRoute()).Limits);

    public Task GiveBack(long bytes)
    {
        size.GiveBack(bytes);
        return Task.CompletedTask;
    }

    public async Task Enqueue(CallView call)
    {
        feed.Publish(call);
        // Beyond the window the order is storage's: it is read from there when its turn comes.
        if (hasMore && !window.IsInside(call.Id))
            return;
        window.AddAnew(call.Id);
        hasMore |= window.Count > MostKnown;
        await PumpSafely();
    }

    public Task Changed(CallView call)
    {
        window.SetHasPod(call.Id, call.RunningSince is not null);
        feed.Publish(call);
        return Task.CompletedTask;
    }

    public async Task Wake()
    {
        route = null;
        try
        {
            size.Set(await calls.CountOpen(Deployment, CancellationToken.None));
            await FindMissed();
        }
        catch (Exception e)
        {
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogPumpFailed(logger, level, e, Deployment);
        }

        await PumpSafely();
    }

    public async Task<QueueSituation> Explain(IReadOnlyList<CallId> ids)
    {
        // However many ask, the order is looked through once in a while only.
        if (explained is not { } known || time.GetUtcNow() - known.At >= ExplainPause)
        {
            var last = window.Last;
            explained = known = (await Explain(), last, time.GetUtcNow());
        }

        return known.Situation with
        {
            Positions = await Positions(known.Situation.Positions, known.Last, [.. ids.Distinct()]),
        };
    }

    public async IAsyncEnumerable<CallView> Watch(CallId? only, CallGap? gap, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var call in feed.Watch(Present, cancellationToken))
        {
            if (only is null || call.Id == only)
                yield return call;
        }

        async ValueTask<IEnumerable<CallView>> Present() =>
            only is { } id ? await Views([id])
            : gap is not null ? await Views(await Unknown(gap, cancellationToken))
            : [];
    }

    /// <summary>Oldest first.</summary>
    private async Task<IReadOnlyList<CallId>> Unknown(CallGap gap, CancellationToken cancellationToken)
    {
        IEnumerable<CallId> newest = gap.Newest > 0 ? await Newest(new(), gap.Newest, cancellationToken) : [];
        return [.. gap.Open.Union(newest).Union(await Newest(new(From: gap.From), CallGap.Most, cancellationToken)).Order(CallId.ByAge)];
    }

    private async Task<IEnumerable<CallId>> Newest(CallFilter filter, int most, CancellationToken cancellationToken) =>
        (await calls.List(Deployment, filter, new(most), cancellationToken)).Items.Select(call => call.Item.Id);

    private async Task<IEnumerable<CallView>> Views(IReadOnlyList<CallId> ids) =>
        (await Task.WhenAll(ids.Select(id => GrainFactory.GetGrain<IAsyncCallGrain>(id.Value).Get()))).OfType<CallView>();

    private async Task<QueueSituation> Explain()
    {
        // First: a call that a pod has by now must not stand beside the word that no pod is ready.
        var positions = window.InOrder().Index().ToDictionary(place => place.Item, place => place.Index + 1L);
        var present = await FreshRoute();
        var view = await GrainFactory.GetGrain<IDeploymentGrain>(this.GetPrimaryKeyString()).Get();
        return new()
        {
            State = present.State,
            ReadyPods = present.Pods.Count,
            StartingPods = view?.Pods.Count(pod => pod.Phase is PodPhase.Starting) ?? 0,
            Failure = present.Failure,
            RetryAt = present.RetryAt,
            Positions = positions,
        };
    }

    private async Task<Route> FreshRoute() =>
        route = await repeatable.Make(GrainFactory.GetGrain<IDeploymentGrain>(this.GetPrimaryKeyString()).GetRoute);

    /// <summary>The places of calls, from the order as it was looked through, of which <paramref name="last"/> was the youngest.</summary>
    private async Task<Dictionary<CallId, long>> Positions(IReadOnlyDictionary<CallId, long> order, CallId? last, IReadOnlyList<CallId> ids)
    {
        var positions = ids.Where(order.ContainsKey).ToDictionary(id => id, id => order[id]);
        var ahead = (long)order.Count;
        // Those behind, and those that have come since, each counted from the one before.
        foreach (var id in ids.Where(id => !id.IsUpTo(last)).Order(CallId.ByAge))
        {
            ahead += await calls.CountOpen(Deployment, last, id, CancellationToken.None);
            (positions[id], last) = (ahead, id);
        }

        return positions;
    }

    private async Task Refill(CancellationToken cancellationToken)
    {
        var open = await calls.ListOpen(Deployment, window.Last, Batch, cancellationToken);
        foreach (var id in open)
            window.Add(id);
        hasMore = open.Count == Batch;
    }

    /// <summary>Looks through storage once more, where the word of a call was lost.</summary>
    private async Task FindMissed()
    {
        var most = window.Count + Batch;
        var open = await calls.ListOpen(Deployment, null, most, CancellationToken.None);
        foreach (var id in open.Where(id => !hasMore || window.IsInside(id)))
            window.Add(id);
        hasMore |= open.Count == most;
    }

    private async Task Pump()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        try
        {
            window.EndPauses(time.GetUtcNow());
            if (window.Count > 0)
                await Dispatch();
            if (hasMore && window.Ready < Batch / 2)
                await Refill(CancellationToken.None);
            TellBacklog();
        }
        finally
        {
            // Above all where that failed: else nobody would look again for a minute.
            KeepGoing();
        }
    }

    private async Task Dispatch()
    {
        var present = route ?? await FreshRoute();
        if (present.State is RouteState.Stopped)
            return;
        var isServing = present.State is RouteState.Serving;
        if (!isServing)
            await Task.WhenAll(window.AtPods.Select(id => GiveUp(GrainFactory.GetGrain<IAsyncCallGrain>(id.Value))));
        var places = Places(present, present.Pods.Count);
        // A pod's worth more than the pods carry, so that the load calls for the next one.
        var atOnce = isServing ? Places(present, present.Pods.Count + 1) : options.Value.MaxConcurrency;
        while (window.Running < atOnce && window.Take() is { } id)
            _ = Run(id, isServing, places <= MostInLine && window.Running > places);
    }

    private int Places(Route present, int pods) =>
        Math.Min(options.Value.MaxConcurrency, pods * (present.Limits.Concurrency > 0 ? present.Limits.Concurrency : options.Value.DefaultConcurrencyPerPod));

    /// <summary>
    /// Tells the deployment what waits here: with every look while something does, and once when nothing does any more. It falls silent then.
    /// A call that pauses after a failed attempt wants no pod before its time.
    /// </summary>
    private void TellBacklog()
    {
        var now = time.GetUtcNow();
        if ((window.Ready == 0 && toldBacklog == 0) || (toldBacklog > 0 && window.Ready > 0 && now - toldAt < TellPause))
            return;
        (toldBacklog, toldAt) = (window.Ready, now);
        _ = Tell(new(LoadReport.Queue, now, 0, window.Ready, now, []));
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
    private async Task Run(CallId id, bool isServing, bool waits)
    {
        DateTimeOffset? again = time.GetUtcNow() + options.Value.InitialBackoff;
        try
        {
            var call = GrainFactory.GetGrain<IAsyncCallGrain>(id.Value);
            again = isServing ? await TakeTurn(call, waits) : await GiveUp(call);
        }
        catch (Exception e)
        {
            var level = StorageHealth.Level(e, LogLevel.Warning);
            LogTurnLost(logger, level, e, id, Deployment);
        }

        if (again is { } at)
            window.Pause(id, at);
        else
            window.Forget(id);
        await PumpSafely();
    }

    private async Task<DateTimeOffset?> TakeTurn(IAsyncCallGrain call, bool waits)
    {
        var progress = await BeginTurn(call, waits);
        while (progress.IsRunning)
            progress = await repeatable.Make(call.AwaitTurn);
        return progress.NotBefore;
    }

    /// <summary>Those for which there are places begin at once, side by side; one that will wait at the gateway must not overtake them on the way there.</summary>
    private async Task<TurnProgress> BeginTurn(IAsyncCallGrain call, bool waits)
    {
        var (before, stands) = (line, new TaskCompletionSource());
        line = Task.WhenAll(before, stands.Task);
        try
        {
            if (waits)
                await before
                    .WaitAsync(LinePatience, time)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return await repeatable.Make(call.BeginTurn);
        }
        finally
        {
            stands.SetResult();
        }
    }

    private async Task<DateTimeOffset?> GiveUp(IAsyncCallGrain call)
    {
        await repeatable.Make(() => call.Fail(CallErrorCode.DeploymentDeleted, "The deployment was deleted.", CancellationToken.None));
        return null;
    }

    /// <summary>Looks again while there are calls: pauses end, pods come and go. It stays awake for that long.</summary>
    private void KeepGoing()
    {
        if (window.Count == 0)
        {
            timer?.Dispose();
            timer = null;
            size.OldestAt = null;
            return;
        }

        timer ??= this.RegisterGrainTimer(_ => Look(), new GrainTimerCreationOptions(Period, Period) { KeepAlive = true });
    }

    private Task Look()
    {
        route = null;
        NoteBacklog();
        return PumpSafely();
    }

    private void NoteBacklog()
    {
        size.OldestAt = window.OldestAt;
        var now = time.GetUtcNow();
        traffic.Of(Deployment).Queues(size.Calls - window.AtPods.Count, now - (size.OldestAt ?? now));
    }

    private async Task PumpSafely()
    {
        try
        {
            await Pump();
        }
        catch (Exception e)
        {
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogPumpFailed(logger, level, e, Deployment);
        }
    }

    [LoggerMessage(Message = "The turn of call {Call} of deployment {Deployment} was lost; it is tried again")]
    private static partial void LogTurnLost(ILogger logger, LogLevel level, Exception exception, CallId call, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deployment {Deployment} could not be told its backlog; trying again")]
    private static partial void LogBacklogNotTold(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Message = "The queue of deployment {Deployment} could not go on; trying again")]
    private static partial void LogPumpFailed(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
