using System.Security.Cryptography;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;

namespace DeployCard.Grains.Deployments;

internal sealed partial class DeploymentGrain
{
    private readonly LoadWindow load = new(options.Value.ScaleDownDelay);
    private DeploymentPods? pods;
    private DateTimeOffset? lastUse;
    private int desired;
    private IGrainTimer? scaling;
    private Route? published;
    private DeploymentView? shown;
    private long routeVersion;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Higher than what an activation before this one can have published, without a write for each route.
        routeVersion = Math.Max(State.RouteVersion, time.GetUtcNow().UtcTicks);
        pods = new(Name, GrainFactory.GetGrain<IDeploymentGrain>(Name.Value), runtime, routes, logs, time, logger);
        if (!Exists)
            return;
        ScheduleEnd();
        // A silo that is gone took its pods with it: those that requests had called for come back for their idle time.
        if (State.Status is DeploymentStatus.Ready or DeploymentStatus.Starting or DeploymentStatus.Failed)
            lastUse = time.GetUtcNow();
        if (State.IsActive)
            KeepGoing();
        await base.OnActivateAsync(cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        feed.Complete();
        return Task.CompletedTask;
    }

    public void Dispose() => pods?.Dispose();

    public Task<IReadOnlyList<PodObservation>> Pods() =>
        Task.FromResult<IReadOnlyList<PodObservation>>([.. pods!.View.Reverse().Concat(Enumerable.Reverse(history.State.EndedPods)).Take(DeploymentHistory.Most)]);

    public Task<Route> GetRoute() => Task.FromResult(CurrentRoute() with { Version = routeVersion });

    public async Task ReportLoad(LoadReport report)
    {
        load.Add(report);
        if (Exists && Desired() > desired)
            await Reconcile();
    }

    public Task Wake() => Exists && State.IsActive ? Reconcile() : Task.CompletedTask;

    public async Task Reconcile()
    {
        if (!Exists || lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        var before = desired;
        desired = Desired();
        if (desired > 0 || State.IsActive)
            KeepGoing();
        if (pods!.IsKnown)
            await Apply(PodPlan.For(State.Current.Number, desired, pods.Live));
        await Settled(before);
    }

    public async Task PodEnded(PodObservation ended)
    {
        if (!Exists)
            return;
        history.State.Add(ended with { Phase = PodPhase.Gone });
        await AddEvent(EventKind.PodStopped, $"Pod {ended.Name} has ended{(ended.ExitCode is { } code ? $" with exit code {code}" : "")}.", DeploymentEvent.System);
        // With no pods and no requests there are no logs; those of a failure stay so that a person can read them.
        if (desired == 0 && State.Failure is null && pods!.All.All(p => p.Name == ended.Name))
            await remains.ClearLogs(Name, CancellationToken.None);
    }

    private int Desired()
    {
        if (State.IsStopped || State.DeletedAt is not null)
            return 0;
        var (configuration, now) = (State.Current.Configuration, time.GetUtcNow());
        // An idle time that is shorter than the look back at the load holds, too.
        var isIdle = load.Now(now) == 0 && now - LastUse() >= configuration.IdleTimeout;
        return ScalingDecision.Pods(configuration, isIdle ? 0 : load.Peak(now), LastUse(), options.Value.PodsCap, now);
    }

    private DateTimeOffset? LastUse() => load.LastRequestAt is { } request && (lastUse is null || request > lastUse) ? request : lastUse;

    /// <summary>Watches the pods, stays awake and looks again and again at the load, for as long as there is something to do.</summary>
    private void KeepGoing()
    {
        pods!.Watch();
        scaling ??= this.RegisterGrainTimer(
            _ => Reconcile(), new GrainTimerCreationOptions(options.Value.ScalingPeriod, options.Value.ScalingPeriod) { KeepAlive = true });
    }

    private void Rest()
    {
        scaling?.Dispose();
        scaling = null;
    }

    private async Task Apply(PodPlan plan)
    {
        for (var i = 0; i < plan.Starts; i++)
            await pods!.Start(NewPod(), CancellationToken.None);
        if (plan.Drains.Count == 0)
            return;
        // Out of every gateway's route first: only then can no new request reach them.
        await Publish(CancellationToken.None, without: plan.Drains);
        foreach (var pod in plan.Drains)
            pods!.Drain(pod, State.Current.Configuration.StopGrace);
    }

    private PodSpec NewPod() => new()
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
    };

    /// <summary>Writes down and tells what has changed by itself: status, failure, pods, the wanted number.</summary>
    private async Task Settled(int before)
    {
        var (status, failure) = (State.Status, State.Failure);
        var wasActive = State.IsActive;
        Settle();
        if (State.Status != status || State.Failure != failure || State.IsActive != wasActive)
            await Save(CancellationToken.None);
        if (desired != before)
            await AddEvent(EventKind.Scaled, $"{desired} instead of {before} pods are wanted.", DeploymentEvent.System);
        if (State.Failure is { } why && why != failure)
            await AddEvent(EventKind.PodFailed, $"Pod {why.Pod}: {why.Message}", DeploymentEvent.System);
        if (State.Status is DeploymentStatus.Ready && status is not DeploymentStatus.Ready)
            await AddEvent(EventKind.PodReady, "A pod is ready.", DeploymentEvent.System);
        await Publish(CancellationToken.None);
        if (!State.IsActive)
            Rest();
    }

    private void Settle()
    {
        var live = pods!.Live;
        State.Failure = DeploymentStatusDecision.Failure(State, live, time.GetUtcNow());
        State.Status = DeploymentStatusDecision.Status(State, live, desired);
        State.IsActive = desired > 0 || pods.All.Count > 0 || !pods.IsKnown;
        State.RouteVersion = routeVersion;
    }

    /// <summary>Tells gateways a route that differs from the last one, and watchers the view.</summary>
    private async Task Publish(CancellationToken cancellationToken, IReadOnlyList<PodName>? without = null)
    {
        var route = CurrentRoute(without);
        if (published is null || !route.SameAs(published))
        {
            published = route with { Version = ++routeVersion };
            await routes.Publish(published, cancellationToken);
        }

        // Of one that is gone there is nothing to see; those who watch are told its end.
        if (!Exists)
            return;
        var view = View();
        if (shown is null || !view.SameAs(shown))
            feed.Publish(shown = view);
    }

    private Route CurrentRoute(IReadOnlyList<PodName>? without = null) => new()
    {
        Deployment = Name,
        Uid = State.Uid,
        Version = 0,
        State = !Exists ? RouteState.Missing
            : State.DeletedAt is not null ? RouteState.Deleted
            : State.IsStopped ? RouteState.Stopped
            : RouteState.Serving,
        Pods = [.. pods!.Live.Where(p => p is { Phase: PodPhase.Ready, Address: not null } && without?.Contains(p.Name) is not true)
            .Select(p => new RoutePod(p.Name, p.Address!, p.Revision, Protocol: p.Protocol))],
        Keys = [.. State.Keys],
        Limits = Exists ? Limits(State.Current.Configuration) : new(),
        CorsOrigins = Exists ? State.Current.Configuration.CorsOrigins : [],
        Failure = State.Failure,
        RetryAt = pods.Live.Count > 0 && pods.Live.All(p => p.Phase is PodPhase.Failed) ? pods.Live.Min(p => p.NextStartAt) : null,
    };

    private static RouteLimits Limits(DeploymentConfiguration c) => new()
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
    };
}
