using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Requests that wait for a slot at a pod of one deployment, in order of arrival. Not thread-safe except for <see cref="Count"/>; the
/// caller holds a lock.
/// </summary>
internal sealed class WaitQueue
{
    private readonly LinkedList<Waiter> waiters = [];
    private int count;

    /// <summary>Number of waiting requests. Can be read without the lock.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>
    /// Appends a request. The caller then calls <see cref="Admit"/>, because a slot that was released before the new count was visible
    /// admitted no request.
    /// </summary>
    public void Add(Waiter waiter)
    {
        waiter.Node = waiters.AddLast(waiter);
        // A full fence: the count must be visible before the caller looks for a free slot again.
        Interlocked.Exchange(ref count, waiters.Count);
    }

    /// <summary>Admits the first requests of the queue while a pod has a free slot.</summary>
    /// <param name="pods">Pods of the current route.</param>
    /// <param name="limit">Maximum number of concurrent requests at one pod; 0 means unlimited.</param>
    public void Admit(PodDestination[] pods, int limit)
    {
        while (waiters.First is { } first && PodBalancer.TryAcquire(pods, limit) is { } pod)
        {
            Remove(first);
            first.Value.Admit(pod);
        }
    }

    /// <summary>Ends the wait of one request with a problem. Does nothing if the request no longer waits.</summary>
    public void Reject(Waiter waiter, GatewayProblem problem)
    {
        if (waiter.Node is not { List: not null } node)
            return;
        Remove(node);
        waiter.Reject(problem);
    }

    /// <summary>Rejects the requests whose wait is pointless with a route. Failed pods do not end the wait of asynchronous calls.</summary>
    public void RejectHopeless(Route route, DateTimeOffset now)
    {
        var problem = RouteRejection.For(route);
        var failed = RouteRejection.ForWaiting(route, now);
        var node = waiters.First;
        while (node is not null && (problem ?? failed) is { } reason)
        {
            var next = node.Next;
            if (problem is not null || !node.Value.IsAsync)
                Reject(node.Value, reason);
            node = next;
        }
    }

    private void Remove(LinkedListNode<Waiter> node)
    {
        waiters.Remove(node);
        Volatile.Write(ref count, waiters.Count);
    }
}
