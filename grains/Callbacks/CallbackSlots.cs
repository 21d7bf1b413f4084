namespace DeployCard.Grains.Callbacks;

/// <summary>
/// How many deliveries go on at once, on the whole and to each host. Hosts take turns, and within one the order is that of arrival: a host that
/// is slow holds up what waits for itself.
/// </summary>
/// <param name="atOnce">At most so many at once.</param>
/// <param name="mostPerHost">At most so many to one host.</param>
/// <param name="mostWaiting">At most so many wait.</param>
/// <param name="time">The clock.</param>
internal sealed class CallbackSlots(int atOnce, int mostPerHost, int mostWaiting, TimeProvider time)
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, Host> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<Host> turns = [];
    private int free = atOnce;
    private int waiting;

    /// <summary>Waits for a slot. False when too many wait, or none came within <paramref name="patience"/>; else <see cref="Leave"/> must follow.</summary>
    public async Task<bool> Enter(string name, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Wait(name) is not { } turn)
            return false;
        try
        {
            await turn.Value.Task.WaitAsync(patience, time, cancellationToken);
            return true;
        }
        catch (Exception e)
        {
            GiveUp(name, turn);
            if (e is TimeoutException)
                return false;
            throw;
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Leave(string name)
    {
        lock (sync)
        {
            var host = hosts[name];
            host.Running--;
            free++;
            Queue(host);
            Grant();
            if (host is { Running: 0, Waiting.Count: 0 })
                hosts.Remove(name);
        }
    }

    private LinkedListNode<TaskCompletionSource>? Wait(string name)
    {
        lock (sync)
        {
            if (waiting >= mostWaiting)
                return null;
            if (!hosts.TryGetValue(name, out var host))
                hosts[name] = host = new();
            waiting++;
            var turn = host.Waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Queue(host);
            Grant();
            return turn;
        }
    }

    private void GiveUp(string name, LinkedListNode<TaskCompletionSource> turn)
    {
        lock (sync)
        {
            var host = hosts[name];
            if (turn.List is null)
            {
                // Its turn came at the same moment.
                Leave(name);
                return;
            }

            host.Waiting.Remove(turn);
            waiting--;
            if (host is { Running: 0, Waiting.Count: 0 })
                hosts.Remove(name);
        }
    }

    /// <summary>Puts a host that has somebody to send for behind those that have had theirs less lately.</summary>
    private void Queue(Host host)
    {
        if (host.HasTurn || host.Waiting.Count == 0 || host.Running >= mostPerHost)
            return;
        host.HasTurn = true;
        turns.Enqueue(host);
    }

    private void Grant()
    {
        while (free > 0 && turns.TryDequeue(out var host))
        {
            host.HasTurn = false;
            if (host.Waiting.First is not { } first || host.Running >= mostPerHost)
                continue;
            host.Waiting.RemoveFirst();
            waiting--;
            host.Running++;
            free--;
            first.Value.SetResult();
            Queue(host);
        }
    }

    private sealed class Host
    {
        public LinkedList<TaskCompletionSource> Waiting { get; } = [];

        public int Running { get; set; }

        public bool HasTurn { get; set; }
    }
}
