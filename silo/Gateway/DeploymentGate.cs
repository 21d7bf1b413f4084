using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Lets requests through to the pods of one deployment, and has them wait in the order of their arrival where none is free.
/// While nobody waits, a request takes no lock.
/// </summary>
internal sealed class DeploymentGate(DeploymentName name, DeploymentTraffic traffic, Action<DeploymentGate> waitBegan, TimeProvider time)
{
    /// <summary>How often an asynchronous call that waits looks whether a pod is there.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock sync = new();
    private readonly LinkedList<Waiter> waiters = [];
    private readonly PodRoster pods = new(time);
    private GateRoute? current;
    private int waiting;
    private int isTelling;
    private long lastUse = time.GetUtcNow().UtcTicks;

    public DeploymentName Name { get; } = name;

    /// <summary>Where its requests are counted.</summary>
    public DeploymentTraffic Traffic { get; } = traffic;

    /// <summary>What the path of its predictions begins with.</summary>
    public string Prefix { get; } = PodTarget.Start + name.Value;

    /// <summary>The newest route; null before the first one has come.</summary>
    public GateRoute? Current => Volatile.Read(ref current);

    public int Waiting => Volatile.Read(ref waiting);

    public int InFlight
    {
        get
        {
            lock (sync)
                return pods.InFlight;
        }
    }

    /// <summary>The pods that have requests, also those that the route no longer names.</summary>
    public IReadOnlyList<PodName> BusyPods
    {
        get
        {
            lock (sync)
                return [.. pods.Busy];
        }
    }

    /// <summary>When the last request came or ended.</summary>
    public DateTimeOffset LastUse => new(Volatile.Read(ref lastUse), TimeSpan.Zero);

    /// <summary>Takes a route and lets those who wait go on, or tells them why they cannot. An older route changes nothing.</summary>
    public void Take(Route route)
    {
        lock (sync)
        {
            var before = current;
            if (before is not null && before.Route.Version >= route.Version)
                return;
            if (before is not null && !route.ArePodsKnown)
                route = route with { Pods = before.Route.Pods };
            // Pods that are still there while requests are refused finish what they have, and get no more.
            var present = pods.Take(RouteRefusal.Of(route) is null ? route.Pods : []);
            var known = before?.Keys.ToDictionary(slot => slot.Key);
            KeySlot[] keys = [.. route.Keys.Select(key => known?.GetValueOrDefault(key) ?? new KeySlot(key))];
            Rate = KnownRate(before?.Route.Limits, route.Limits);
            Volatile.Write(ref current, new(route, present, keys));
            LetIn();
            TurnAway(route);
        }
    }

    /// <summary>The rate of all requests together; null for no bound.</summary>
    public RequestRate? Rate { get; private set; }

    /// <summary>A pod with a place for one request.</summary>
    /// <param name="patience">How long to wait; for an asynchronous call: how long to wait while no pod is ready.</param>
    /// <param name="isAsync">An asynchronous call waits whatever the queue's length and the pods' failures: it has its own bounds.</param>
    /// <param name="cancellationToken">The client's end; its place in the queue is given up.</param>
    public ValueTask<Admission> Enter(TimeSpan patience, bool isAsync, CancellationToken cancellationToken)
    {
        return TryEnter() is { } pod ? new(new Admission(pod, null, TimeSpan.Zero)) : new(Wait(patience, isAsync, cancellationToken));
    }

    /// <summary>A pod with a place that is free at once, where nobody waits; null where there is none.</summary>
    public PodSlot? TryEnter()
    {
        Touch();
        while (Current is { } route && Waiting == 0 && PodChoice.Enter(route.Pods, route.Route.Limits.Concurrency) is { } pod)
        {
            if (IsStill(route, pod))
                return pod;
        }

        return null;
    }

    /// <summary>Another pod than <paramref name="than"/> with a place that is free at once; null where there is none.</summary>
    public PodSlot? EnterOther(PodSlot than)
    {
        while (Current is { } route && Waiting == 0 && PodChoice.EnterOther(route.Pods, route.Route.Limits.Concurrency, than) is { } pod)
        {
            if (IsStill(route, pod))
                return pod;
        }

        return null;
    }

    /// <summary>Whether a pod that cannot be reached has come back, or is none of this deployment's any more.</summary>
    public bool NeedsNoProbe(PodSlot pod) => !pod.IsOut || Current?.Pods.Contains(pod) is not true;

    /// <summary>Gives a pod requests again.</summary>
    public void PutBack(PodSlot pod)
    {
        pod.PutBack();
        if (Waiting == 0)
            return;
        lock (sync)
            LetIn();
    }

    /// <summary>Whether the deployment must be told that somebody waits; false where that is under way already.</summary>
    public bool BeginTelling() => Interlocked.Exchange(ref isTelling, 1) == 0;

    /// <summary>What is read from here on is told; who begins to wait from here on is told anew.</summary>
    public void Telling() => Interlocked.Exchange(ref isTelling, 0);

    /// <summary>Gives a place back, to the next one who waits if there is one.</summary>
    public void Release(PodSlot pod)
    {
        pod.Leave();
        Touch();
        if (Waiting == 0)
            return;
        lock (sync)
            LetIn();
    }

    /// <summary>How many requests a pod has, also one that the route no longer names.</summary>
    public int InFlightOf(PodName pod)
    {
        lock (sync)
            return pods.InFlightOf(pod);
    }

    private async Task<Admission> Wait(TimeSpan patience, bool isAsync, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var waiter = new Waiter(isAsync) { SawPod = started };
        if (Join(waiter) is { } problem)
            return new(null, problem, TimeSpan.Zero);
        var isCold = waiter.IsCold;
        if (waiter.Outcome.IsCompletedSuccessfully)
            return new(waiter.Outcome.Result.Pod, waiter.Outcome.Result.Why, TimeSpan.Zero);
        waitBegan(this);
        await using var limit = Limit(waiter, patience);
        await using var gone = cancellationToken.UnsafeRegister(_ => Leave(waiter, GatewayProblem.ClientGone), null);
        var (pod, why) = await waiter.Outcome;
        return new(pod, why, time.GetElapsedTime(started), isCold);
    }

    private GatewayProblem? Join(Waiter waiter)
    {
        lock (sync)
        {
            // The route may have changed since the caller looked, and those who waited then were told already.
            if (RouteRefusal.Of(current!.Route) is { } refusal)
                return refusal;
            var limits = current.Route.Limits;
            if (waiters.Count == 0 && PodChoice.Enter(current.Pods, limits.Concurrency) is { } pod)
            {
                waiter.Admit(pod);
                return null;
            }

            if (!waiter.IsAsync && RouteRefusal.OfWaiting(current.Route, time.GetUtcNow()) is { } hopeless)
                return hopeless;
            if (!waiter.IsAsync && waiters.Count >= limits.QueueLength)
                return GatewayProblem.QueueFull(waiters.Count);
            waiter.IsCold = current.Pods.Length == 0;
            waiter.Place = waiters.AddLast(waiter);
            // First all may see that somebody waits, then it looks once more: a place that was given back in between woke nobody.
            Interlocked.Exchange(ref waiting, waiters.Count);
            LetIn();
            return null;
        }
    }

    private ITimer Limit(Waiter waiter, TimeSpan patience) =>
        waiter.IsAsync
            ? time.CreateTimer(_ => LoseHeart(waiter, patience), null, Look, Look)
            : time.CreateTimer(_ => Leave(waiter, GatewayProblem.NoPodInTime(patience)), null, patience, Timeout.InfiniteTimeSpan);

    /// <summary>That all pods are full is no reason to give up, however long it lasts; that none is there is, in the end.</summary>
    private void LoseHeart(Waiter waiter, TimeSpan patience)
    {
        lock (sync)
        {
            if (current!.Pods.Any(pod => !pod.IsOut))
                waiter.SawPod = time.GetTimestamp();
            else if (time.GetElapsedTime(waiter.SawPod) >= patience)
                Leave(waiter, GatewayProblem.NoPodInTime(patience));
        }
    }

    private void Leave(Waiter waiter, GatewayProblem why)
    {
        lock (sync)
        {
            if (waiter.Place is not { List: not null } place)
                return;
            Remove(place);
            waiter.Refuse(why);
        }
    }

    private void LetIn()
    {
        while (waiters.First is { } first && PodChoice.Enter(current!.Pods, current.Route.Limits.Concurrency) is { } pod)
        {
            Remove(first);
            first.Value.Admit(pod);
        }
    }

    private void TurnAway(Route now)
    {
        var why = RouteRefusal.Of(now);
        var failed = RouteRefusal.OfWaiting(now, time.GetUtcNow());
        var place = waiters.First;
        while (place is not null && (why ?? failed) is not null)
        {
            var next = place.Next;
            if (why is not null || !place.Value.IsAsync)
            {
                Remove(place);
                place.Value.Refuse((why ?? failed)!);
            }

            place = next;
        }
    }

    private void Remove(LinkedListNode<Waiter> place)
    {
        waiters.Remove(place);
        Volatile.Write(ref waiting, waiters.Count);
    }

    /// <summary>A newer route in between may have taken the pod out and asked already whether it is empty: then its place is given back.</summary>
    private bool IsStill(GateRoute route, PodSlot pod)
    {
        if (ReferenceEquals(route, Current))
            return true;
        Release(pod);
        return false;
    }

    private RequestRate? KnownRate(RouteLimits? before, RouteLimits now) =>
        before?.RequestsPerSecond == now.RequestsPerSecond && before.RequestBurst == now.RequestBurst
            ? Rate
            : RequestRate.Of("deployment", now.RequestsPerSecond, now.RequestBurst);

    private void Touch() => Volatile.Write(ref lastUse, time.GetUtcNow().UtcTicks);
}
