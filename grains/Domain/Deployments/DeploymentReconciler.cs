using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.Pods;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Owns the order of the effects of a change. Invariant: a user's change is stored first, then recorded as an event, then published to
/// gateways and subscribers, and only then the pods follow. A change that is not stored has none of these effects.
/// </summary>
internal sealed class DeploymentReconciler(
    DeploymentName name,
    DeploymentStorage storage,
    DeploymentPods pods,
    ScalingLoop scaling,
    RoutePublication routes,
    DeploymentViews views,
    IReconcileTimer timer,
    PodMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    private DeploymentState State => storage.State;

    /// <summary>Resumes the work of an earlier activation.</summary>
    public void Resume()
    {
        // If a silo stopped, its pods stopped too. Counting the activation as a request restarts them for the idle time.
        if (State.Status is DeploymentStatus.Ready or DeploymentStatus.Starting or DeploymentStatus.Failed)
            scaling.RecordActivity();
        scaling.Decide(State, pods.Live, pods.AreKnown);
        if (State.IsActive)
            EnsureRunning();
    }

    /// <summary>Ends the work of this activation, because the grain deactivates. The pods keep running.</summary>
    public void Suspend()
    {
        views.Abort();
        metrics.Update(name, []);
    }

    /// <summary>Stores and publishes a user's change, and then starts and drains pods accordingly. Returns the view afterwards.</summary>
    /// <param name="change">The change; it must be derived from the current state.</param>
    /// <param name="actor">Name of the user or key that makes the change.</param>
    /// <param name="cancellationToken">Cancels storing and publishing.</param>
    public async Task<DeploymentView> Commit(StateChange change, string actor, CancellationToken cancellationToken)
    {
        change.Next.UpdatedAt = time.GetUtcNow();
        Derive(change.Next);
        await storage.Commit(change.Next, cancellationToken);
        logger.LogChanged(name, change.Kind, actor);
        await Record(change.Kind, change.Message, actor);
        await Publish(without: [], cancellationToken);
        await Reconcile();
        return views.Current;
    }

    /// <summary>
    /// Decides the number of pods, starts and drains pods accordingly, and then stores and publishes what has changed. Does nothing while
    /// the silo shuts down.
    /// </summary>
    public async Task Reconcile()
    {
        if (!State.Exists || pods.AreShuttingDown)
            return;
        var previousPods = scaling.Decision.Pods;
        scaling.Decide(State, pods.Live, pods.AreKnown);
        if (scaling.Decision.Pods > 0 || State.IsActive || storage.HasPendingWrites)
            EnsureRunning();
        await pods.Reconcile(State, scaling.Decision.Pods, scaling.BusyPods, drained => Publish(drained, CancellationToken.None));
        await PersistDerivedState(previousPods);
    }

    /// <summary>Records an event. The event is stored later if storage is unavailable.</summary>
    /// <param name="kind">Type of the event.</param>
    /// <param name="message">Description of the event, for users.</param>
    /// <param name="actor">Name of the user or key that caused the event.</param>
    public Task Record(EventKind kind, string message, string actor) => storage.Record(new(time.GetUtcNow(), kind, actor, message));

    /// <summary>Records the end of a pod, with its event.</summary>
    /// <param name="ended">The final observation of the pod.</param>
    public Task RecordEnd(PodObservation ended)
    {
        var code = ended.ExitCode is { } number ? $" with code {number}" : "";
        var why = ended.Reason is null or PodReasons.Stopped ? "" : $" ({ended.Reason})";
        return storage.Record(
            new(time.GetUtcNow(), EventKind.PodStopped, DeploymentEvent.SystemActor, $"Pod {ended.Name} exited{code}{why}."),
            ended with
            {
                Phase = PodPhase.Ended,
            }
        );
    }

    /// <summary>Returns the current route, which may be newer than the published one.</summary>
    public Route GetRoute() => CreateRoute(without: []) with { Version = routes.Version };

    /// <summary>Removes the stored deployment, publishes that it is missing, and completes the streams of its subscribers.</summary>
    public async Task Purge(CancellationToken cancellationToken)
    {
        await storage.Clear(cancellationToken);
        timer.Stop();
        await Publish(without: [], cancellationToken);
        views.Complete();
    }

    /// <summary>
    /// Watches the pods and starts the timer that reconciles periodically and keeps the grain active. The timer stops when the deployment
    /// has no pods and wants none.
    /// </summary>
    private void EnsureRunning()
    {
        pods.Watch();
        timer.Start(Reconcile);
    }

    /// <summary>
    /// Stores and publishes what has changed without a user's command: status, failure, pods and the desired number of pods.
    /// </summary>
    private async Task PersistDerivedState(int previousPods)
    {
        var (status, failure, scaled) = (State.Status, State.Failure, scaling.Decision);
        await storage.Derive(Derive);
        if (scaled.Pods != previousPods)
            await Record(EventKind.Scaled, $"{scaled.Reason} (previously {previousPods}).", DeploymentEvent.SystemActor);
        if (State.Failure is { } why && why != failure)
            await Record(EventKind.PodFailed, $"Pod {why.Pod}: {why.Message}", DeploymentEvent.SystemActor);
        if (State.Status is DeploymentStatus.Ready && status is not DeploymentStatus.Ready)
            await Record(EventKind.PodReady, "A pod is ready.", DeploymentEvent.SystemActor);
        await Publish(without: [], CancellationToken.None);
        if (!State.IsActive && !storage.HasPendingWrites)
            timer.Stop();
    }

    private void Derive(DeploymentState state)
    {
        var live = pods.Live;
        state.Failure = DeploymentStatusPolicy.GetFailure(state, live, time.GetUtcNow());
        state.Status = DeploymentStatusPolicy.GetStatus(state, live, scaling.Decision.Pods);
        state.IsActive = scaling.Decision.Pods > 0 || pods.All.Count > 0 || !pods.AreKnown;
        state.RouteVersion = routes.Version;
    }

    /// <summary>
    /// Publishes the route to the gateways and the view to the subscribers if they have changed. Returns whether every gateway has
    /// acknowledged the latest route.
    /// </summary>
    private async Task<bool> Publish(IReadOnlyList<PodName> without, CancellationToken cancellationToken)
    {
        var areAcknowledged = await routes.Publish(CreateRoute(without), cancellationToken);
        metrics.Update(name, pods.View);
        // A purged deployment has no view; its subscribers are completed instead.
        if (State.Exists)
            views.Publish();
        return areAcknowledged;
    }

    private Route CreateRoute(IReadOnlyList<PodName> without) =>
        DeploymentProjection.CreateRoute(name, State, pods.Live, pods.AreKnown, without);
}
