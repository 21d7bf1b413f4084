using System.Security.Cryptography;
using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.Autoscaling;
using DeployCard.Domain.Pods;

namespace DeployCard.Domain.Deployments;

internal sealed partial class DeploymentGrain
{
    /// <summary>
    /// Minimum interval between updates of the scaling reason on the card while the number of pods stays the same. The averages in the
    /// reason change with every load report, and publishing each of them would flood the subscribers. A new number of pods is published
    /// immediately. The reason is not stored.
    /// </summary>
    private static readonly TimeSpan ReasonUpdateInterval = TimeSpan.FromSeconds(5);

    private Autoscaler autoscaler = new(autoscaling.Value);
    private ScalingDecision scaling = ScalingDecision.Create(0, "no decision yet", time.GetUtcNow());
    private DeploymentPods? pods;
    private bool hasAdoptedPods;
    private IGrainTimer? timer;
    private Route? lastRoute;
    private bool allAcknowledged;

    // True once every gateway has acknowledged a route from this activation. A newer version after that belongs to a newer activation.
    private bool hasEverBeenAcknowledged;
    private DeploymentView? lastView;
    private long routeVersion;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Exceeds every version that an earlier activation can have published, so that publishing a route needs no write.
        routeVersion = Math.Max(State.RouteVersion, time.GetUtcNow().UtcTicks);
        pods = new(Name, GrainFactory.GetGrain<IDeploymentGrain>(Name.Value), runtime, routes, time, logger);
        if (!Exists)
            return;
        SchedulePurge();
        // If a silo stopped, its pods stopped too. Counting the activation as a request restarts them for the idle time.
        if (State.Status is DeploymentStatus.Ready or DeploymentStatus.Starting or DeploymentStatus.Failed)
            autoscaler.Load.RecordActivity(time.GetUtcNow());
        DecideScaling();
        if (State.IsActive)
            EnsureTimer();
        await base.OnActivateAsync(cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        broadcaster.Abort();
        metrics.Update(Name, []);
        return Task.CompletedTask;
    }

    public void Dispose() => pods?.Dispose();

    public Task<IReadOnlyList<PodObservation>> GetPods() =>
        Task.FromResult<IReadOnlyList<PodObservation>>([
            .. pods!.View.Reverse().Concat(Enumerable.Reverse(history.State.EndedPods)).Take(DeploymentHistory.MaxEntries),
        ]);

    public Task<Route> GetRoute() => Task.FromResult(CreateRoute() with { Version = routeVersion });

    public async Task OnNewerRoute(long newest)
    {
        if (lastRoute is not null && newest > lastRoute.Version)
            await HandlePublishResult(new(false, newest), CancellationToken.None);
    }

    public async Task ReportLoad(LoadReport report)
    {
        var now = time.GetUtcNow();
        autoscaler.RecordReport(report, now);
        // Only scaling up is urgent. The timer handles scaling down.
        if (
            CanHavePods
            && autoscaler.Evaluate(State.Current.Configuration, ReadyPodCount, options.Value.MaxPodsPerDeployment, now).Pods > scaling.Pods
        )
            await Reconcile();
    }

    public Task Wake() => Exists && State.IsActive ? Reconcile() : Task.CompletedTask;

    public async Task CancelDrain()
    {
        autoscaler.Load.RecordActivity(time.GetUtcNow());
        await Reconcile();
    }

    public async Task Reconcile()
    {
        if (!Exists || runtime.IsShuttingDown)
            return;
        var before = scaling.Pods;
        DecideScaling();
        if (scaling.Pods > 0 || State.IsActive || HasPendingWrites)
            EnsureTimer();
        if (pods!.IsKnown)
            await Apply(CreatePlan());
        await PersistDerivedState(before);
    }

    public async Task OnPodEnded(PodObservation ended)
    {
        if (!Exists)
            return;
        history.State.Add(ended with { Phase = PodPhase.Ended });
        var code = ended.ExitCode is { } number ? $" with code {number}" : "";
        var why = ended.Reason is null or PodReasons.Stopped ? "" : $" ({ended.Reason})";
        await AddEvent(EventKind.PodStopped, $"Pod {ended.Name} exited{code}{why}.", DeploymentEvent.SystemActor);
        // Once no pods are wanted, the log is cleared when the last pod exits. After a failure it is kept so that a user can read it.
        if (scaling.Pods == 0 && State.Failure is null && pods!.All.All(p => p.Name == ended.Name))
            await cleanup.ClearLogs(Name, CancellationToken.None);
    }

    private bool CanHavePods => Exists && State is { IsStopped: false, DeletedAt: null };

    private int ReadyPodCount => pods!.Live.Count(p => p.Phase is PodPhase.Ready);

    private void DecideScaling()
    {
        var now = time.GetUtcNow();
        if (!CanHavePods)
        {
            autoscaler.Reset();
            ApplyDecision(ScalingDecision.Create(0, State.DeletedAt is null ? "stopped" : "deleted", now));
            return;
        }

        if (pods!.IsKnown && !hasAdoptedPods)
            Adopt(now);
        if (pods.Live is { Count: > 0 } live && live.All(p => p.IsLeaving))
            autoscaler.ExpireIdleTimer(now);
        ApplyDecision(autoscaler.Decide(State.Current.Configuration, ReadyPodCount, options.Value.MaxPodsPerDeployment, now));
    }

    /// <summary>
    /// Takes over the pods of an earlier activation. During a rollout or while a host drains, old and new pods overlap, so the largest
    /// group counts and not the sum.
    /// </summary>
    private void Adopt(DateTimeOffset now)
    {
        hasAdoptedPods = true;
        autoscaler.Adopt(pods!.Live.GroupBy(p => (p.Revision, p.IsLeaving)).Select(alike => alike.Count()).DefaultIfEmpty().Max(), now);
    }

    private void ApplyDecision(ScalingDecision decided)
    {
        // With 0 pods the reason has no changing averages, and the timer may stop, so no later tick would publish it.
        var isDue = decided.Pods == 0 || decided.At - scaling.At >= ReasonUpdateInterval;
        if (decided.Pods != scaling.Pods || (decided.Reason != scaling.Reason && isDue))
            scaling = decided;
    }

    private PodPlan CreatePlan()
    {
        var candidates = pods!.GetCandidates(autoscaler.Load.GetBusyPods(time.GetUtcNow()));
        return CanHavePods ? PodPlan.For(State.Current.Number, scaling.Pods, candidates) : PodPlan.ForStopped(candidates);
    }

    /// <summary>
    /// Watches the pods and starts the timer that reconciles periodically and keeps the grain active. The grain stops the timer when it has
    /// no pods and wants none.
    /// </summary>
    private void EnsureTimer()
    {
        pods!.Watch();
        timer ??= this.RegisterGrainTimer(
            _ => Reconcile(),
            new GrainTimerCreationOptions(options.Value.ScalingInterval, options.Value.ScalingInterval) { KeepAlive = true }
        );
    }

    private void StopTimer()
    {
        timer?.Dispose();
        timer = null;
    }

    private async Task Apply(PodPlan plan)
    {
        foreach (var pod in plan.Recalls)
            pods!.Recall(pod);
        for (var i = 0; i < plan.Starts; i++)
            await pods!.Start(CreatePodSpec(), CancellationToken.None);
        var drains = plan.Drains.Where(drain => !pods!.IsDraining(drain.Pod, drain.Cause)).ToList();
        if (drains.Count == 0)
            return;
        // Remove the pods from the route of every gateway first, so that no new request can reach them. If a gateway has not
        // acknowledged the route, the pods keep serving until the next attempt, unless the deployment is stopped or deleted.
        if (!await Publish(CancellationToken.None, without: [.. drains.Select(drain => drain.Pod)]) && CanHavePods)
            return;
        foreach (var (pod, cause) in drains)
            pods!.Drain(pod, cause, DrainTimeoutFor(cause), State.Current.Configuration.TerminationGracePeriod);
    }

    /// <summary>Maximum time for a draining pod to finish its requests; null if unlimited.</summary>
    private TimeSpan? DrainTimeoutFor(DrainCause cause) =>
        cause switch
        {
            DrainCause.Surplus => null,
            DrainCause.Superseded => State.Current.Configuration.DrainTimeout,
            _ => State.Current.Configuration.TerminationGracePeriod,
        };

    private PodSpec CreatePodSpec() =>
        new()
        {
            Name = new($"{Name}-{State.Current.Number}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 5)}"),
            Deployment = Name,
            Revision = State.Current.Number,
            Image = State.Current.Image,
            Environment = State.Current.Configuration.Environment.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal),
            Labels = State.Current.Configuration.Labels,
            StartupTimeout = State.Current.Configuration.StartupTimeout,
            Cpu = State.Current.Configuration.Cpu,
            MemoryBytes = State.Current.Configuration.MemoryBytes,
            Gpu = State.Current.Configuration.Gpu,
            TerminationGracePeriod = State.Current.Configuration.TerminationGracePeriod,
        };

    /// <summary>
    /// Stores and publishes what has changed without a user's command: status, failure, pods and the desired number of pods.
    /// </summary>
    private async Task PersistDerivedState(int before)
    {
        var (status, failure) = (State.Status, State.Failure);
        var wasActive = State.IsActive;
        UpdateDerivedState();
        if (State.Status != status || State.Failure != failure || State.IsActive != wasActive)
            isStatePending = true;
        await FlushPendingWrites();
        if (scaling.Pods != before)
            await AddEvent(EventKind.Scaled, $"{scaling.Reason} (previously {before}).", DeploymentEvent.SystemActor);
        if (State.Failure is { } why && why != failure)
            await AddEvent(EventKind.PodFailed, $"Pod {why.Pod}: {why.Message}", DeploymentEvent.SystemActor);
        if (State.Status is DeploymentStatus.Ready && status is not DeploymentStatus.Ready)
            await AddEvent(EventKind.PodReady, "A pod is ready.", DeploymentEvent.SystemActor);
        await Publish(CancellationToken.None);
        if (!State.IsActive && !HasPendingWrites)
            StopTimer();
    }

    private void UpdateDerivedState()
    {
        var live = pods!.Live;
        State.Failure = DeploymentStatusPolicy.GetFailure(State, live, time.GetUtcNow());
        State.Status = DeploymentStatusPolicy.GetStatus(State, live, scaling.Pods);
        State.IsActive = scaling.Pods > 0 || pods.All.Count > 0 || !pods.IsKnown;
        State.RouteVersion = routeVersion;
    }

    /// <summary>
    /// Publishes the route to the gateways and the view to the subscribers if they have changed. Returns whether every gateway has
    /// acknowledged the latest route.
    /// </summary>
    private async Task<bool> Publish(CancellationToken cancellationToken, IReadOnlyList<PodName>? without = null)
    {
        var route = CreateRoute(without);
        if (lastRoute is null || !route.HasSameContentAs(lastRoute))
            await Publish(route, cancellationToken);

        metrics.Update(Name, pods!.View);
        // A purged deployment has no view; its subscribers are completed instead.
        if (!Exists)
            return allAcknowledged;
        var view = CreateView();
        if (view != lastView)
        {
            broadcaster.Publish(lastView = view);
            GrainFactory.GetGrain<IFleetGrain>(0).OnDeploymentChanged(view).Ignore();
        }

        return allAcknowledged;
    }

    private async Task Publish(Route route, CancellationToken cancellationToken)
    {
        lastRoute = route with { Version = ++routeVersion };
        await HandlePublishResult(await routes.Publish(lastRoute, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Processes the result of publishing a route. If a gateway already holds a newer route from an earlier activation, the route is
    /// published again with a higher version.
    /// </summary>
    private async Task HandlePublishResult(RoutePublishResult result, CancellationToken cancellationToken)
    {
        var isSuperseded = result.HighestVersion > lastRoute!.Version;
        if (isSuperseded && hasEverBeenAcknowledged)
        {
            // Another activation owns the deployment now.
            DeactivateOnIdle();
        }
        else if (isSuperseded)
        {
            // The clock of the previous silo was ahead of the clock of this one.
            lastRoute = lastRoute with
            {
                Version = routeVersion = result.HighestVersion + 1,
            };
            result = await routes.Publish(lastRoute, cancellationToken);
        }

        allAcknowledged = result.AllAcknowledged;
        hasEverBeenAcknowledged |= allAcknowledged;
    }

    private Route CreateRoute(IReadOnlyList<PodName>? without = null) =>
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
            Limits = Exists ? CreateLimits(State.Current.Configuration) : new(),
            CorsOrigins = Exists ? State.Current.Configuration.CorsOrigins : [],
            Failure = State.Failure,
            RetryAt = DeploymentStatusPolicy.GetRetryAt(pods.Live),
            HasWebhookSecret = State.WebhookSecrets.Count > 0,
            ArePodsKnown = pods.IsKnown || !CanHavePods,
        };

    private static RouteLimits CreateLimits(DeploymentConfiguration c) =>
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
