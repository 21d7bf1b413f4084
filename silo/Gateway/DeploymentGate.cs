using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Admits requests to the pods of one deployment and queues them in order of arrival while no pod has a free slot.
/// While the queue is empty, admission takes no lock.
/// </summary>
/// <param name="name">Name of the deployment.</param>
/// <param name="traffic">Counters of the deployment's requests.</param>
/// <param name="onWaitStarted">Called when a request begins to wait.</param>
/// <param name="time">Clock for the waits.</param>
internal sealed class DeploymentGate(
    DeploymentName name,
    DeploymentTraffic traffic,
    Action<DeploymentGate> onWaitStarted,
    TimeProvider time
)
{
    /// <summary>Interval at which a waiting asynchronous call checks whether a reachable pod exists.</summary>
    private static readonly TimeSpan PodCheckInterval = TimeSpan.FromSeconds(1);

    private readonly Lock sync = new();
    private readonly WaitQueue waiters = new();
    private readonly PodRoster pods = new(time);
    private CompiledRoute? current;
    private long lastActivity = time.GetUtcNow().UtcTicks;

    public DeploymentName Name { get; } = name;

    /// <summary>Counters of the deployment's requests.</summary>
    public DeploymentTraffic Traffic { get; } = traffic;

    /// <summary>Start of the path of the deployment's predictions: <c>/predict/{deployment}</c>.</summary>
    public string PathPrefix { get; } = PodTarget.PathPrefix + name.Value;

    /// <summary>The newest route; null until the first route arrives.</summary>
    public CompiledRoute? Current => Volatile.Read(ref current);

    /// <summary>Notification of the deployment about the waiting requests.</summary>
    public WaitNotification WaitNotification { get; } = new();

    /// <summary>Number of requests that wait for a pod.</summary>
    public int Waiting => waiters.Count;

    /// <summary>Number of requests in flight, including requests at pods that the route no longer contains.</summary>
    public int InFlight
    {
        get
        {
            lock (sync)
                return pods.InFlight;
        }
    }

    /// <summary>Names of the pods with requests in flight, including pods that the route no longer contains.</summary>
    public IReadOnlyList<PodName> BusyPods
    {
        get
        {
            lock (sync)
                return [.. pods.Busy];
        }
    }

    /// <summary>Time (UTC) when a request last arrived or ended.</summary>
    public DateTimeOffset LastActivityAt => new(Volatile.Read(ref lastActivity), TimeSpan.Zero);

    /// <summary>
    /// Applies a route. Waiting requests are then admitted as capacity allows, or rejected if the new route rules out success.
    /// A route that is not newer than the current one is ignored.
    /// </summary>
    public void Apply(Route route)
    {
        lock (sync)
        {
            var before = current;
            if (before is not null && before.Route.Version >= route.Version)
                return;
            if (before is not null && !route.ArePodsKnown)
                route = route with { Pods = before.Route.Pods };
            // While the route rejects requests, its pods finish the requests in flight and get no new requests.
            var present = pods.Update(RouteRejection.For(route) is null ? route.Pods : []);
            Volatile.Write(ref current, CompiledRoute.Create(route, present, before));
            AdmitWaiters();
            waiters.RejectHopeless(route, time.GetUtcNow());
        }
    }

    /// <summary>Acquires a slot at a pod for one request. Waits in the queue if no slot is free.</summary>
    /// <param name="timeout">
    /// Maximum time to wait. For an asynchronous call: maximum time without a reachable pod; time spent waiting for busy pods does not
    /// count.
    /// </param>
    /// <param name="isAsync">
    /// Whether the request belongs to an asynchronous call. Such a request waits regardless of the queue's length and of failed pods,
    /// because other limits apply to asynchronous calls.
    /// </param>
    /// <param name="cancellationToken">Token that is canceled when the client disconnects; the request then leaves the queue.</param>
    public ValueTask<Admission> Acquire(TimeSpan timeout, bool isAsync, CancellationToken cancellationToken) =>
        TryAcquire() is { } pod ? new(new Admission(pod, null, TimeSpan.Zero)) : new(Wait(timeout, isAsync, cancellationToken));

    /// <summary>Acquires a slot without waiting. Returns null if no slot is free or other requests are waiting.</summary>
    public PodDestination? TryAcquire()
    {
        RecordActivity();
        while (Current is { } route && Waiting == 0 && PodBalancer.TryAcquire(route.Pods, route.Route.Configuration.Concurrency) is { } pod)
        {
            if (IsCurrentOrRelease(route, pod))
                return pod;
        }

        return null;
    }

    /// <summary>
    /// Acquires a slot at a pod other than <paramref name="excluded"/> without waiting. Returns null if no slot is free or other requests
    /// are waiting.
    /// </summary>
    public PodDestination? TryAcquireOther(PodDestination excluded)
    {
        while (
            Current is { } route
            && Waiting == 0
            && PodBalancer.TryAcquireOther(route.Pods, route.Route.Configuration.Concurrency, excluded) is { } pod
        )
        {
            if (IsCurrentOrRelease(route, pod))
                return pod;
        }

        return null;
    }

    /// <summary>Whether probing a pod is pointless, because the pod is no longer ejected or no longer part of the route.</summary>
    public bool IsProbeObsolete(PodDestination pod) => !pod.IsEjected || Current?.Pods.Contains(pod) is not true;

    /// <summary>Ends the ejection of a pod and admits waiting requests to the pod.</summary>
    public void Reinstate(PodDestination pod)
    {
        pod.Reinstate();
        if (Waiting == 0)
            return;
        lock (sync)
            AdmitWaiters();
    }

    /// <summary>Releases a slot at a pod and admits the next waiting request, if any.</summary>
    public void Release(PodDestination pod)
    {
        pod.Release();
        RecordActivity();
        if (Waiting == 0)
            return;
        lock (sync)
            AdmitWaiters();
    }

    /// <summary>Returns the number of requests in flight at a pod, even if the route no longer contains the pod.</summary>
    public int GetInFlight(PodName pod)
    {
        lock (sync)
            return pods.GetInFlight(pod);
    }

    private async Task<Admission> Wait(TimeSpan timeout, bool isAsync, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var waiter = new Waiter(isAsync) { LastPodSeenAt = started };
        if (Enqueue(waiter) is { } rejection)
            return new(null, rejection, TimeSpan.Zero);
        var isCold = waiter.IsCold;
        if (waiter.Outcome.IsCompletedSuccessfully)
            return new(waiter.Outcome.Result.Pod, waiter.Outcome.Result.Problem, TimeSpan.Zero);
        onWaitStarted(this);
        await using var limit = Limit(waiter, timeout);
        await using var disconnect = cancellationToken.UnsafeRegister(_ => CancelWait(waiter, RequestProblems.ClientClosed), null);
        var (pod, problem) = await waiter.Outcome;
        return new(pod, problem, time.GetElapsedTime(started), isCold);
    }

    private GatewayProblem? Enqueue(Waiter waiter)
    {
        lock (sync)
        {
            // The route may have changed since the caller read it, and the waiters of that time were already rejected.
            if (RouteRejection.For(current!.Route) is { } rejection)
                return rejection;
            var limits = current.Route.Configuration;
            if (waiters.Count == 0 && PodBalancer.TryAcquire(current.Pods, limits.Concurrency) is { } pod)
            {
                waiter.Admit(pod);
                return null;
            }

            if (!waiter.IsAsync && RouteRejection.ForWaiting(current.Route, time.GetUtcNow()) is { } hopeless)
                return hopeless;
            if (!waiter.IsAsync && waiters.Count >= limits.QueueLength)
                return PodProblems.QueueFull(waiters.Count);
            waiter.IsCold = current.Pods.Length == 0;
            waiters.Add(waiter);
            AdmitWaiters();
            return null;
        }
    }

    private ITimer Limit(Waiter waiter, TimeSpan timeout) =>
        waiter.IsAsync
            ? time.CreateTimer(_ => ExpireIfNoReachablePod(waiter, timeout), null, PodCheckInterval, PodCheckInterval)
            : time.CreateTimer(_ => CancelWait(waiter, PodProblems.WaitTimeout(timeout)), null, timeout, Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Cancels the wait of an asynchronous call if no pod was reachable for <paramref name="timeout"/>. Busy pods never end the wait.
    /// </summary>
    private void ExpireIfNoReachablePod(Waiter waiter, TimeSpan timeout)
    {
        lock (sync)
        {
            if (current!.Pods.Any(pod => !pod.IsEjected))
                waiter.LastPodSeenAt = time.GetTimestamp();
            else if (time.GetElapsedTime(waiter.LastPodSeenAt) >= timeout)
                CancelWait(waiter, PodProblems.WaitTimeout(timeout));
        }
    }

    private void CancelWait(Waiter waiter, GatewayProblem problem)
    {
        lock (sync)
            waiters.Reject(waiter, problem);
    }

    private void AdmitWaiters() => waiters.Admit(current!.Pods, current.Route.Configuration.Concurrency);

    /// <summary>
    /// Whether <paramref name="route"/> is still current. If not, releases the slot: the newer route may have removed the pod, and the
    /// deployment may already have seen that pod as idle.
    /// </summary>
    private bool IsCurrentOrRelease(CompiledRoute route, PodDestination pod)
    {
        if (ReferenceEquals(route, Current))
            return true;
        Release(pod);
        return false;
    }

    private void RecordActivity() => Volatile.Write(ref lastActivity, time.GetUtcNow().UtcTicks);
}
