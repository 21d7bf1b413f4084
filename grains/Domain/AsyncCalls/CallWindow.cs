using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The window of the oldest open calls of a deployment, sorted by id and therefore by acceptance time. Younger calls stay in storage. A
/// call that backs off between attempts takes its old place after the backoff.
/// </summary>
internal sealed class CallWindow
{
    private readonly HashSet<CallId> known = [];
    private readonly SortedSet<CallId> ready = new(CallId.OldestFirst);
    private readonly PriorityQueue<CallId, DateTimeOffset> deferred = new();

    // Calls whose execution has started, and whether a pod has the request.
    private readonly SortedDictionary<CallId, bool> dispatched = new(CallId.OldestFirst);
    private CallId youngest;

    /// <summary>Number of calls in the window.</summary>
    public int Count => known.Count;

    /// <summary>Number of calls that wait for their execution.</summary>
    public int ReadyCount => ready.Count;

    /// <summary>Number of calls whose execution has started.</summary>
    public int DispatchedCount => dispatched.Count;

    /// <summary>Time when the oldest call in <see cref="GetPending"/> was accepted, UTC; null if no call is pending.</summary>
    public DateTimeOffset? OldestPendingAt => GetPending().Select(id => (DateTimeOffset?)id.CreatedAt).FirstOrDefault();

    /// <summary>The youngest call that was ever added; null if no call was added.</summary>
    public CallId? Youngest => youngest.Value is null ? null : youngest;

    /// <summary>Calls whose request is in flight at a pod.</summary>
    public IReadOnlyList<CallId> InFlight => [.. dispatched.Where(call => call.Value).Select(call => call.Key)];

    /// <summary>
    /// Whether <paramref name="id"/> is not younger than <see cref="Youngest"/>. Younger calls are read from storage later.
    /// </summary>
    public bool Covers(CallId id) => id.IsNotYoungerThan(Youngest);

    public void Add(CallId id)
    {
        if (!known.Add(id))
            return;
        ready.Add(id);
        if (!Covers(id))
            youngest = id;
    }

    /// <summary>
    /// Adds a call like <see cref="Add"/> and ends its backoff, because a manual retry must not wait for the backoff of an earlier series.
    /// </summary>
    public void Requeue(CallId id)
    {
        // Most calls are new. Only known calls can back off, and removing one from the priority queue is a linear search.
        if (known.Contains(id) && deferred.Remove(id, out _, out _))
            ready.Add(id);
        else
            Add(id);
    }

    /// <summary>Returns the oldest ready call and marks it as executing; null if no call is ready.</summary>
    public CallId? Dequeue()
    {
        if (ready.Count == 0)
            return null;
        var oldest = ready.Min;
        ready.Remove(oldest);
        dispatched[oldest] = false;
        return oldest;
    }

    /// <summary>Records whether a pod has the request of an executing call.</summary>
    public void SetInFlight(CallId id, bool isInFlight)
    {
        if (dispatched.ContainsKey(id))
            dispatched[id] = isInFlight;
    }

    /// <summary>Ends the execution of a call, which is ready again at <paramref name="until"/>.</summary>
    public void Defer(CallId id, DateTimeOffset until)
    {
        dispatched.Remove(id);
        deferred.Enqueue(id, until);
    }

    /// <summary>Removes a call that has ended.</summary>
    public void Remove(CallId id)
    {
        dispatched.Remove(id);
        known.Remove(id);
    }

    /// <summary>Marks the calls whose backoff has ended as ready.</summary>
    public void ReleaseDeferred(DateTimeOffset now)
    {
        while (deferred.TryPeek(out _, out var until) && until <= now)
            ready.Add(deferred.Dequeue());
    }

    /// <summary>Returns the calls that wait for a pod and do not back off, oldest first.</summary>
    public IEnumerable<CallId> GetPending() => dispatched.Where(call => !call.Value).Select(call => call.Key).Concat(ready);
}
