using System.Security.Cryptography;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;

namespace DeployCard.Grains.Deployments;

internal sealed partial class DeploymentGrain
{
    /// <summary>
    /// How old the reason on the card may be while the number stays. Its decimals change with every report: told each time, they would flood
    /// all who watch. Another number is told at once. Nothing of this is stored.
    /// </summary>
    private static readonly TimeSpan ReasonPeriod = TimeSpan.FromSeconds(5);

    private Autoscaler autoscaler = new(autoscaling.Value);
    private Scaling scaling = Scaling.To(0, "nothing was decided yet", time.GetUtcNow());
    private DeploymentPods? pods;
    private bool hasAdopted;
    private IGrainTimer? timer;
    private Route? published;
    private bool isTaken;

    // Whether all gateways have had a route of this activation: what is newer than its own then is not of one before it.
    private bool isHeard;
    private DeploymentView? shown;
    private long routeVersion;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Higher than what an activation before this one can have published, without a write for each route.
        routeVersion = Math.Max(State.RouteVersion, time.GetUtcNow().UtcTicks);
        pods = new(Name, GrainFactory.GetGrain<IDeploymentGrain>(Name.Value), runtime, routes, time, logger);
        if (!Exists)
            return;
        ScheduleEnd();
        // A silo that is gone took its pods with it: those that requests had called for come back for their idle time.
        if (State.Status is DeploymentStatus.Ready or DeploymentStatus.Starting or DeploymentStatus.Failed)
            autoscaler.Load.NoteUse(time.GetUtcNow());
        Decide();
        if (State.IsActive)
            KeepGoing();
        await base.OnActivateAsync(cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        feed.BreakOff();
        metrics.Has(Name, []);
        return Task.CompletedTask;
    }

    public void Dispose() => pods?.Dispose();

    public Task<IReadOnlyList<PodObservation>> Pods() =>
        Task.FromResult<IReadOnlyList<PodObservation>>([
            .. pods!.View.Reverse().Concat(Enumerable.Reverse(history.State.EndedPods)).Take(DeploymentHistory.Most),
        ]);

    public Task<Route> GetRoute() => Task.FromResult(CurrentRoute() with { Version = routeVersion });

    public async Task RouteOvertaken(long newest)
    {
        if (published is not null && newest > published.Version)
            await Take(new(false, newest), CancellationToken.None);
    }

    public async Task ReportLoad(LoadReport report)
    {
        var now = time.GetUtcNow();
        autoscaler.Take(report, now);
        // Only more pods are urgent. Fewer are a matter of the timer.
        if (IsScaling && autoscaler.Look(State.Current.Configuration, Ready, options.Value.MaxPodsPerDeployment, now).Pods > scaling.Pods)
            await Reconcile();
    }

    public Task Wake() => Exists && State.IsActive ? Reconcile() : Task.CompletedTask;

    public async Task StillWanted()
    {
        autoscaler.Load.NoteUse(time.GetUtcNow());
        await Reconcile();
    }

    public async Task Reconcile()
    {
        if (!Exists || runtime.IsEnding)
            return;
        var before = scaling.Pods;
        Decide();
        if (scaling.Pods > 0 || State.IsActive || IsBehind)
            KeepGoing();
        if (pods!.IsKnown)
            await Apply(Plan());
        await Settled(before);
    }

    public async Task PodEnded(PodObservation ended)
    {
        if (!Exists)
            return;
        history.State.Add(ended with { Phase = PodPhase.Ended });
        var code = ended.ExitCode is { } number ? $" with exit code {number}" : "";
        var why = ended.Reason is null or PodReasons.Stopped ? "" : $" ({ended.Reason})";
        await AddEvent(EventKind.PodStopped, $"Pod {ended.Name} has ended{code}{why}.", DeploymentEvent.System);
        // With no pods and no requests there are no logs; those of a failure stay so that a person can read them.
        if (scaling.Pods == 0 && State.Failure is null && pods!.All.All(p => p.Name == ended.Name))
            await remains.ClearLogs(Name, CancellationToken.None);
    }

    private bool IsScaling => Exists && State is { IsStopped: false, DeletedAt: null };

    private int Ready => pods!.Live.Count(p => p.Phase is PodPhase.Ready);

    private void Decide()
    {
        var now = time.GetUtcNow();
        if (!IsScaling)
        {
            autoscaler.Rest();
            Take(Scaling.To(0, State.DeletedAt is null ? "stopped" : "deleted", now));
            return;
        }

        if (pods!.IsKnown && !hasAdopted)
            Adopt(now);
        if (pods.Live is { Count: > 0 } live && live.All(p => p.IsLeaving))
            autoscaler.EndIdleTime(now);
        Take(autoscaler.Decide(State.Current.Configuration, Ready, options.Value.MaxPodsPerDeployment, now));
    }

    /// <summary>Takes pods over that an activation before this one had. While a revision, or a machine, takes over from another, those of both are there.</summary>
    private void Adopt(DateTimeOffset now)
    {
        hasAdopted = true;
        autoscaler.Adopt(pods!.Live.GroupBy(p => (p.Revision, p.IsLeaving)).Select(alike => alike.Count()).DefaultIfEmpty().Max(), now);
    }

    private void Take(Scaling decided)
    {
        // Reasons for no pods have no decimals, and nothing would come back to tell them later.
        var isDue = decided.Pods == 0 || decided.At - scaling.At >= ReasonPeriod;
        if (decided.Pods != scaling.Pods || (decided.Reason != scaling.Reason && isDue))
            scaling = decided;
    }

    private PodPlan Plan()
    {
        var candidates = pods!.Candidates(autoscaler.Load.BusyPods(time.GetUtcNow()));
        return IsScaling ? PodPlan.For(State.Current.Number, scaling.Pods, candidates) : PodPlan.ForNone(candidates);
    }

    /// <summary>Watches the pods, stays awake and looks again and again at the load, for as long as there is something to do.</summary>
    private void KeepGoing()
    {
        pods!.Watch();
        timer ??= this.RegisterGrainTimer(
            _ => Reconcile(),
            new GrainTimerCreationOptions(options.Value.ScalingInterval, options.Value.ScalingInterval) { KeepAlive = true }
        );
    }

    private void Rest()
    {
        timer?.Dispose();
        timer = null;
    }

    private async Task Apply(PodPlan plan)
    {
        foreach (var pod in plan.Recalls)
            pods!.Recall(pod);
        for (var i = 0; i < plan.Starts; i++)
            await pods!.Start(NewPod(), CancellationToken.None);
        var drains = plan.Drains.Where(drain => !pods!.IsDraining(drain.Pod, drain.Cause)).ToList();
        if (drains.Count == 0)
            return;
        // Out of every gateway's route first: only then can no new request reach them. Where one has not taken it, they stay for now.
        if (!await Publish(CancellationToken.None, without: [.. drains.Select(drain => drain.Pod)]) && IsScaling)
            return;
        foreach (var (pod, cause) in drains)
            pods!.Drain(pod, cause, Limit(cause), State.Current.Configuration.TerminationGracePeriod);
    }

    /// <summary>How long a pod that drains may take to finish its requests; null for as long as they take.</summary>
    private TimeSpan? Limit(DrainCause cause) =>
        cause switch
        {
            DrainCause.TooMany => null,
            DrainCause.Superseded => State.Current.Configuration.DrainTimeout,
            _ => State.Current.Configuration.TerminationGracePeriod,
        };

    private PodSpec NewPod() =>
        new()
        {
            Name = new($"{Name}-{State.Current.Number}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 5)}"),
            Deployment = Name,
            Revision = State.Current.Number,
            Image = State.Current.Image,
            Environment = State.Current.Configuration.Environment,
            StartupTimeout = State.Current.Configuration.StartupTimeout,
            Cpu = State.Current.Configuration.Cpu,
            MemoryBytes = State.Current.Configuration.MemoryBytes,
            Gpu = State.Current.Configuration.Gpu,
            TerminationGracePeriod = State.Current.Configuration.TerminationGracePeriod,
        };

    /// <summary>Writes down and tells what has changed by itself: status, failure, pods, the wanted number.</summary>
    private async Task Settled(int before)
    {
        var (status, failure) = (State.Status, State.Failure);
        var wasActive = State.IsActive;
        Settle();
        if (State.Status != status || State.Failure != failure || State.IsActive != wasActive)
            isStateBehind = true;
        await CatchUp();
        if (scaling.Pods != before)
            await AddEvent(EventKind.Scaled, $"{scaling.Reason} (before: {before}).", DeploymentEvent.System);
        if (State.Failure is { } why && why != failure)
            await AddEvent(EventKind.PodFailed, $"Pod {why.Pod}: {why.Message}", DeploymentEvent.System);
        if (State.Status is DeploymentStatus.Ready && status is not DeploymentStatus.Ready)
            await AddEvent(EventKind.PodReady, "A pod is ready.", DeploymentEvent.System);
        await Publish(CancellationToken.None);
        if (!State.IsActive && !IsBehind)
            Rest();
    }

    private void Settle()
    {
        var live = pods!.Live;
        State.Failure = DeploymentStatusDecision.Failure(State, live, time.GetUtcNow());
        State.Status = DeploymentStatusDecision.Status(State, live, scaling.Pods);
        State.IsActive = scaling.Pods > 0 || pods.All.Count > 0 || !pods.IsKnown;
        State.RouteVersion = routeVersion;
    }

    /// <summary>Tells gateways a route that differs from the last one, and watchers the view. Whether every gateway has taken the route.</summary>
    private async Task<bool> Publish(CancellationToken cancellationToken, IReadOnlyList<PodName>? without = null)
    {
        var route = CurrentRoute(without);
        if (published is null || !route.SameAs(published))
            await Publish(route, cancellationToken);

        metrics.Has(Name, pods!.View);
        // Of one that is gone there is nothing to see; those who watch are told its end.
        if (!Exists)
            return isTaken;
        var view = View();
        if (shown is null || !view.SameAs(shown))
        {
            feed.Publish(shown = view);
            GrainFactory.GetGrain<IFleetGrain>(0).Changed(view).Ignore();
        }

        return isTaken;
    }

    private async Task Publish(Route route, CancellationToken cancellationToken)
    {
        published = route with { Version = ++routeVersion };
        await Take(await routes.Publish(published, cancellationToken), cancellationToken);
    }

    /// <summary>What gateways say of the last route: where one has a newer one of an activation before, it is given out once more, as the newest.</summary>
    private async Task Take(RouteReceipt receipt, CancellationToken cancellationToken)
    {
        var isOvertaken = receipt.Newest > published!.Version;
        if (isOvertaken && isHeard)
        {
            // Somebody else decides by now.
            DeactivateOnIdle();
        }
        else if (isOvertaken)
        {
            // The clock of the silo before was ahead of this one's.
            published = published with
            {
                Version = routeVersion = receipt.Newest + 1,
            };
            receipt = await routes.Publish(published, cancellationToken);
        }

        isTaken = receipt.IsTaken;
        isHeard |= isTaken;
    }

    private Route CurrentRoute(IReadOnlyList<PodName>? without = null) =>
        new()
        {
            Deployment = Name,
            Uid = State.Uid,
            Version = 0,
            State =
                !Exists ? RouteState.Missing
                : State.DeletedAt is not null ? RouteState.Deleted
                : State.IsStopped ? RouteState.Stopped
                : RouteState.Serving,
            Pods =
            [
                .. pods!
                    .Live.Where(p => p is { Phase: PodPhase.Ready, Address: not null } && without?.Contains(p.Name) is not true)
                    .Select(p => new RoutePod(p.Name, p.Address!, p.Revision, Protocol: p.Protocol)),
            ],
            Keys = [.. State.Keys],
            Limits = Exists ? Limits(State.Current.Configuration) : new(),
            CorsOrigins = Exists ? State.Current.Configuration.CorsOrigins : [],
            Failure = State.Failure,
            RetryAt = DeploymentStatusDecision.RetryAt(pods.Live),
            HasWebhookSecret = State.WebhookSecrets.Count > 0,
            ArePodsKnown = pods.IsKnown || !IsScaling,
        };

    private static RouteLimits Limits(DeploymentConfiguration c) =>
        new()
        {
            Concurrency = c.Concurrency,
            QueueLength = c.QueueLength,
            QueueTimeout = c.QueueTimeout,
            RequestTimeout = c.RequestTimeout,
            FirstByteTimeout = c.FirstByteTimeout,
            StreamIdleTimeout = c.StreamIdleTimeout,
            RequestsPerSecond = c.RequestsPerSecond,
            RequestBurst = c.RequestBurst,
            MaxRequestBytes = c.MaxRequestBytes,
            AsyncQueueLength = c.AsyncQueueLength,
            AsyncQueueBytes = c.AsyncQueueBytes,
        };
}
