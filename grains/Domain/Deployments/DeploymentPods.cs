using System.Security.Cryptography;
using DeployCard.Common.Retry;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Pods;
using DeployCard.Domain.Routing;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Turns the actual pods of a deployment into the desired ones. Invariant: no pod is started or drained before the runtime has reported the
/// pods, and a pod drains only after it has left the route of every gateway. All code of this class runs on the grain's scheduler.
/// </summary>
internal sealed class DeploymentPods : IDisposable
{
    private static readonly TimeSpan WatchRetryDelay = TimeSpan.FromSeconds(1);

    private readonly DeploymentName name;
    private readonly IPodListener listener;
    private readonly IPodRuntime runtime;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ObservedPods observed;
    private readonly PodDrains drains;
    private readonly CancellationTokenSource stopping = new();
    private readonly FailureLogThrottle startFailures;
    private readonly FailureLogThrottle watchFailures;
    private Task watching = Task.CompletedTask;

    /// <summary>Creates the pods of a deployment. Nothing is known about them until <see cref="Watch"/> is called.</summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="listener">Is notified about reports and ended pods.</param>
    /// <param name="runtime">Starts, stops and reports the pods.</param>
    /// <param name="routes">Reports the load of pods at the gateways.</param>
    /// <param name="time">Clock of limits, retries and polling.</param>
    /// <param name="logger">Logger of the grain.</param>
    public DeploymentPods(
        DeploymentName name,
        IPodListener listener,
        IPodRuntime runtime,
        IRoutePublisher routes,
        TimeProvider time,
        ILogger logger
    )
    {
        (this.name, this.listener, this.runtime, this.time, this.logger) = (name, listener, runtime, time, logger);
        (startFailures, watchFailures) = (new(time), new(time));
        observed = new(name, time);
        drains = new(name, observed, listener, runtime, routes, time, logger, stopping.Token);
    }

    /// <summary>Whether the runtime has reported the pods at least once.</summary>
    public bool AreKnown => observed.AreKnown;

    /// <summary>All pods that have not ended.</summary>
    public IReadOnlyList<PodObservation> All => observed.All;

    /// <summary>The pods that are not draining.</summary>
    public IReadOnlyList<PodObservation> Live => drains.Live;

    /// <summary>All pods as users see them, including the draining pods.</summary>
    public IReadOnlyList<PodObservation> View => drains.View;

    /// <summary>Whether the silo or the cluster shuts down. Missing pods are then expected and must not be replaced.</summary>
    public bool AreShuttingDown => runtime.IsShuttingDown;

    /// <summary>Starts following the reports of the runtime; does nothing if that has already started.</summary>
    public void Watch()
    {
        if (watching.IsCompleted)
            watching = WatchUntilDisposed();
    }

    /// <summary>
    /// Starts, recalls and drains pods until they match the desired number. Does nothing while the pods are unknown. A failed start is
    /// logged, and the next call tries again.
    /// </summary>
    /// <param name="state">State of the deployment.</param>
    /// <param name="desired">Desired number of pods of the current revision.</param>
    /// <param name="busy">Names of the pods that have requests.</param>
    /// <param name="removeFromRoute">
    /// Publishes a route without the given pods; returns whether every gateway has acknowledged it. Pods that drain leave the route first,
    /// so that no new request can reach them.
    /// </param>
    public async Task Reconcile(
        DeploymentState state,
        int desired,
        IReadOnlySet<PodName> busy,
        Func<IReadOnlyList<PodName>, Task<bool>> removeFromRoute
    )
    {
        if (!AreKnown)
            return;
        var candidates = drains.GetCandidates(busy);
        var plan = state.CanHavePods ? PodPlan.For(state.Current.Number, desired, candidates) : PodPlan.ForStopped(candidates);
        foreach (var pod in plan.Recalls)
            drains.Recall(pod);
        for (var i = 0; i < plan.Starts; i++)
            await Start(CreateSpec(state), CancellationToken.None);
        var due = plan.Drains.Where(drain => !drains.IsDraining(drain.Pod, drain.Cause)).ToList();
        if (due.Count == 0)
            return;
        // If a gateway has not acknowledged the route, the pods keep serving until the next attempt, unless the deployment is stopped or
        // deleted.
        if (!await removeFromRoute([.. due.Select(drain => drain.Pod)]) && state.CanHavePods)
            return;
        foreach (var (pod, cause) in due)
            drains.Drain(pod, cause, DrainTimeoutFor(cause, state), state.Current.Configuration.TerminationGracePeriod);
    }

    /// <summary>Ends all background tasks. The pods keep running, and the next activation adopts them.</summary>
    public void Dispose()
    {
        if (stopping.IsCancellationRequested)
            return;
        stopping.Cancel();
        stopping.Dispose();
    }

    private async Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        try
        {
            await runtime.Start(pod, cancellationToken);
            logger.LogRecovery(startFailures, name, "Starting");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (startFailures.ShouldLog())
                logger.LogStartFailed(e, pod.Name, name);
            return;
        }

        observed.AddStarted(pod);
    }

    private PodSpec CreateSpec(DeploymentState state) =>
        new()
        {
            Name = new($"{name}-{state.Current.Number}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 5)}"),
            Deployment = name,
            Revision = state.Current.Number,
            Image = state.Current.Image,
            Environment = state.Current.Configuration.Environment.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal),
            Labels = state.Current.Configuration.Labels,
            StartupTimeout = state.Current.Configuration.StartupTimeout,
            Cpu = state.Current.Configuration.Cpu,
            MemoryBytes = state.Current.Configuration.MemoryBytes,
            Gpu = state.Current.Configuration.Gpu,
            TerminationGracePeriod = state.Current.Configuration.TerminationGracePeriod,
        };

    /// <summary>Maximum time for a draining pod to finish its requests; null if unlimited.</summary>
    private static TimeSpan? DrainTimeoutFor(DrainCause cause, DeploymentState state) =>
        cause switch
        {
            DrainCause.Surplus => null,
            DrainCause.Superseded => state.Current.Configuration.DrainTimeout,
            _ => state.Current.Configuration.TerminationGracePeriod,
        };

    private async Task WatchUntilDisposed()
    {
        var token = stopping.Token;
        while (!token.IsCancellationRequested)
        {
            try
            {
                await foreach (var report in runtime.Watch(name, token))
                {
                    logger.LogRecovery(watchFailures, name, "Watching");
                    observed.Apply(report);
                    drains.OnReported();
                    await listener.OnPodsReported();
                }
                return;
            }
            catch (Exception e) when (!token.IsCancellationRequested)
            {
                if (watchFailures.ShouldLog())
                    logger.LogWatchFailed(e, name);
                await Task.Delay(WatchRetryDelay, time, token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
