namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// The oldest calls of a deployment that have not ended, in the order of their ids, which is that of their acceptance: a window, however many
/// there are behind it. One that pauses between attempts takes its old place when the pause is over.
/// </summary>
internal sealed class CallWindow
{
    private readonly HashSet<CallId> known = [];
    private readonly SortedSet<CallId> ready = new(CallId.ByAge);
    private readonly PriorityQueue<CallId, DateTimeOffset> paused = new();

    // Those that are given to a gateway, and whether a pod has them.
    private readonly SortedDictionary<CallId, bool> running = new(CallId.ByAge);
    private CallId last;

    /// <summary>How many are known.</summary>
    public int Count => known.Count;

    /// <summary>How many wait for their turn.</summary>
    public int Ready => ready.Count;

    /// <summary>How many have their turn.</summary>
    public int Running => running.Count;

    /// <summary>When the oldest of those that <see cref="InOrder"/> names was accepted, UTC; null for none.</summary>
    public DateTimeOffset? OldestAt => InOrder().Select(id => (DateTimeOffset?)id.CreatedAt).FirstOrDefault();

    /// <summary>The youngest that was ever known; null for none.</summary>
    public CallId? Last => last.Value is null ? null : last;

    /// <summary>Those that a pod may have.</summary>
    public IReadOnlyList<CallId> AtPods => [.. running.Where(call => call.Value).Select(call => call.Key)];

    /// <summary>Whether it is older than the youngest that was ever known: what is behind that one does not hold it.</summary>
    public bool IsInside(CallId id) => id.IsUpTo(Last);

    public void Add(CallId id)
    {
        if (!known.Add(id))
            return;
        ready.Add(id);
        if (!IsInside(id))
            last = id;
    }

    /// <summary>Like <see cref="Add"/>, and ends its pause: a call that is run again does not wait for what was decided before.</summary>
    public void AddAnew(CallId id)
    {
        // Most are new: the pauses are looked through for those only that may be among them.
        if (known.Contains(id) && paused.Remove(id, out _, out _))
            ready.Add(id);
        else
            Add(id);
    }

    /// <summary>Gives the oldest one its turn; null when none is ready.</summary>
    public CallId? Take()
    {
        if (ready.Count == 0)
            return null;
        var first = ready.Min;
        ready.Remove(first);
        running[first] = false;
        return first;
    }

    /// <summary>Notes whether a pod has it.</summary>
    public void SetHasPod(CallId id, bool hasPod)
    {
        if (running.ContainsKey(id))
            running[id] = hasPod;
    }

    /// <summary>Its turn is over; the next one comes at <paramref name="until"/>.</summary>
    public void Pause(CallId id, DateTimeOffset until)
    {
        running.Remove(id);
        paused.Enqueue(id, until);
    }

    /// <summary>It has ended.</summary>
    public void Forget(CallId id)
    {
        running.Remove(id);
        known.Remove(id);
    }

    /// <summary>Ends the pauses that are over.</summary>
    public void EndPauses(DateTimeOffset now)
    {
        while (paused.TryPeek(out _, out var until) && until <= now)
            ready.Add(paused.Dequeue());
    }

    /// <summary>Those that have no pod, and do not pause either, oldest first.</summary>
    public IEnumerable<CallId> InOrder() => running.Where(call => !call.Value).Select(call => call.Key).Concat(ready);
}
