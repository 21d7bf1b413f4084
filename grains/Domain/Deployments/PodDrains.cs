using DeployCard.Common.Retry;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Pods;
using DeployCard.Domain.Routing;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Owns which pods are out of service. Invariant: a pod is asked to stop only after its last request or its limit, and a pod that was asked
/// to stop never returns to service. All code of this class runs on the grain's scheduler.
/// </summary>
/// <param name="name">Name of the deployment.</param>
/// <param name="observed">The pods that exist.</param>
/// <param name="listener">Is notified about the end of pods and about requests that need a draining pod.</param>
/// <param name="runtime">Runtime that stops the pods.</param>
/// <param name="routes">Reports the load of pods at the gateways.</param>
/// <param name="time">Clock of limits and of polling.</param>
/// <param name="logger">Logger of the grain.</param>
/// <param name="stopping">Ends all background tasks when the grain deactivates; the pods keep running.</param>
internal sealed class PodDrains(
    DeploymentName name,
    ObservedPods observed,
    IPodListener listener,
    IPodRuntime runtime,
    IRoutePublisher routes,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping
)
{
    /// <summary>Interval at which the load of a draining pod is polled.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // Grace period for a pod that is already stopping. A later stop can only shorten the grace period, so this value changes nothing.
    private static readonly TimeSpan MaxGracePeriod = TimeSpan.FromDays(1);

    private readonly FailureLogThrottle stopFailures = new(time);
    private readonly Dictionary<PodName, Draining> draining = [];

    /// <summary>The pods that are not draining.</summary>
    public IReadOnlyList<PodObservation> Live =>
        [.. observed.All.Where(p => p.Phase is not PodPhase.Draining && !draining.ContainsKey(p.Name))];

    /// <summary>All pods as users see them, including the draining pods.</summary>
    public IReadOnlyList<PodObservation> View =>
        [.. observed.All.Select(p => draining.ContainsKey(p.Name) ? p with { Phase = PodPhase.Draining } : p)];

    /// <summary>Returns the pods that can serve: all pods that have not been asked to stop.</summary>
    /// <param name="busy">Names of the pods that have requests.</param>
    public IReadOnlyList<PodCandidate> GetCandidates(IReadOnlySet<PodName> busy) =>
        [
            .. from pod in observed.All
            let drain = draining.GetValueOrDefault(pod.Name)
            where drain is not { IsEnding: true } && pod.Phase is not PodPhase.Draining
            select new PodCandidate(pod, drain is not null, busy.Contains(pod.Name)),
        ];

    /// <summary>Whether the pod is already draining for this cause or a stricter one.</summary>
    public bool IsDraining(PodName pod, DrainCause cause) => draining.TryGetValue(pod, out var drain) && drain.Cause >= cause;

    /// <summary>
    /// Takes a pod out of service: the pod finishes its requests and is then stopped. The caller must first have published a route without
    /// the pod. The pod also keeps running while requests wait and no other pod is ready, unless the deployment was stopped. Nothing
    /// changes if the pod already drains for this cause or a stricter one.
    /// </summary>
    /// <param name="pod">Name of the pod.</param>
    /// <param name="cause">Reason for draining the pod.</param>
    /// <param name="limit">Maximum time for the requests of the pod; null if no request may be aborted.</param>
    /// <param name="grace">Time between asking the pod to stop and killing it.</param>
    public void Drain(PodName pod, DrainCause cause, TimeSpan? limit, TimeSpan grace)
    {
        if (IsDraining(pod, cause) || draining.GetValueOrDefault(pod) is { IsEnding: true })
            return;
        Begin(pod, new(cause, limit, grace));
    }

    /// <summary>Puts a draining pod back into service. Does nothing if the pod was already asked to stop.</summary>
    public void Recall(PodName pod)
    {
        if (draining.GetValueOrDefault(pod) is { IsEnding: false })
            draining.Remove(pod);
    }

    /// <summary>Compares the drains with a new report: follows pods that others asked to stop, and forgets ended pods.</summary>
    public void OnReported()
    {
        foreach (var pod in observed.All.Where(p => p.Phase is PodPhase.Draining && !draining.ContainsKey(p.Name)))
            FollowTermination(pod.Name);
        foreach (var ended in draining.Keys.Except(observed.All.Select(p => p.Name)).ToList())
            draining.Remove(ended);
    }

    /// <summary>
    /// Waits for the termination of a pod that was asked to stop by an earlier activation or by its host, and then reports the end.
    /// </summary>
    private void FollowTermination(PodName pod)
    {
        if (!runtime.IsShuttingDown)
            Begin(pod, new(DrainCause.Stopped, TimeSpan.Zero, MaxGracePeriod));
    }

    private void Begin(PodName pod, Draining drain)
    {
        draining[pod] = drain;
        _ = DrainAndStop(pod, drain);
    }

    private async Task DrainAndStop(PodName pod, Draining drain)
    {
        try
        {
            if (!await WaitUntilDrained(pod, drain))
                return;
            // From here on the pod cannot be put back into service. There is no await between the last check and this line.
            drain.IsEnding = true;
            var ended = await runtime.Stop(pod, drain.Grace, stopping);
            logger.LogRecovery(stopFailures, name, "Stopping");
            observed.RemoveUnreported(pod);
            if (ended is not null)
                await listener.OnPodEnded(ended);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The grain deactivates. The next activation sees the pod and decides again.
        }
        catch (Exception e)
        {
            if (stopFailures.ShouldLog())
                logger.LogStopFailed(e, pod, name);
            if (IsCurrent(pod, drain))
                draining.Remove(pod);
        }
    }

    /// <summary>
    /// Waits until no gateway has requests for the pod, or until the limit has passed. A route without the pod was published before, so the
    /// counts of gateways that acknowledged it can only fall. Returns false if the pod was put back into service or now drains for a
    /// stricter cause.
    /// </summary>
    private async Task<bool> WaitUntilDrained(PodName pod, Draining drain)
    {
        var started = time.GetTimestamp();
        while (IsCurrent(pod, drain) && !(drain.Limit <= time.GetElapsedTime(started)))
        {
            var load = await routes.GetPodLoad(name, pod, stopping);
            var isStillNeeded = drain.Cause is not DrainCause.Stopped && load?.Waiting > 0 && !Live.Any(p => p.Phase is PodPhase.Ready);
            if (load?.InFlight == 0 && !isStillNeeded)
                break;
            if (isStillNeeded)
                await listener.OnDrainingPodNeeded();
            if (IsCurrent(pod, drain))
                await Task.Delay(PollInterval, time, stopping);
        }

        return IsCurrent(pod, drain);
    }

    private bool IsCurrent(PodName pod, Draining drain) => draining.GetValueOrDefault(pod) == drain;

    private sealed class Draining(DrainCause cause, TimeSpan? limit, TimeSpan grace)
    {
        public DrainCause Cause => cause;

        public TimeSpan? Limit => limit;

        public TimeSpan Grace => grace;

        public bool IsEnding { get; set; }
    }
}
