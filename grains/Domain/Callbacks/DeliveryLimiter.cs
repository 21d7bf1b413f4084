namespace DeployCard.Domain.Callbacks;

/// <summary>
/// Limits the number of concurrent deliveries, in total and per host. Hosts are served in round-robin order, and deliveries to the same
/// host in order of arrival, so a slow host delays only its own deliveries.
/// </summary>
/// <param name="maxConcurrency">Maximum number of concurrent deliveries.</param>
/// <param name="maxConcurrencyPerHost">Maximum number of concurrent deliveries to one host.</param>
/// <param name="maxQueued">Maximum number of deliveries that wait for a slot.</param>
/// <param name="time">The clock for timeouts.</param>
internal sealed class DeliveryLimiter(int maxConcurrency, int maxConcurrencyPerHost, int maxQueued, TimeProvider time)
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, Host> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<Host> readyHosts = [];
    private int freeSlots = maxConcurrency;
    private int queued;

    /// <summary>
    /// Waits for a slot. Returns false if too many deliveries wait, or if no slot was free within <paramref name="timeout"/>. If it
    /// returns true, the caller must call <see cref="Release"/>.
    /// </summary>
    public async Task<bool> TryAcquire(string name, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Enqueue(name) is not { } waiter)
            return false;
        try
        {
            await waiter.Value.Task.WaitAsync(timeout, time, cancellationToken);
            return true;
        }
        catch (Exception e)
        {
            CancelWait(name, waiter);
            if (e is TimeoutException)
                return false;
            throw;
        }
    }

    /// <summary>Releases the slot of a delivery to a host.</summary>
    public void Release(string name)
    {
        lock (sync)
        {
            var host = hosts[name];
            host.Running--;
            freeSlots++;
            ScheduleHost(host);
            GrantSlots();
            if (host is { Running: 0, Waiters.Count: 0 })
                hosts.Remove(name);
        }
    }

    private LinkedListNode<TaskCompletionSource>? Enqueue(string name)
    {
        lock (sync)
        {
            if (queued >= maxQueued)
                return null;
            if (!hosts.TryGetValue(name, out var host))
                hosts[name] = host = new();
            queued++;
            var waiter = host.Waiters.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            ScheduleHost(host);
            GrantSlots();
            return waiter;
        }
    }

    private void CancelWait(string name, LinkedListNode<TaskCompletionSource> waiter)
    {
        lock (sync)
        {
            var host = hosts[name];
            if (waiter.List is null)
            {
                // The slot was granted at the same moment as the wait ended.
                Release(name);
                return;
            }

            host.Waiters.Remove(waiter);
            queued--;
            if (host is { Running: 0, Waiters.Count: 0 })
                hosts.Remove(name);
        }
    }

    /// <summary>Adds a host to the end of the round-robin queue if it has waiting deliveries and a free slot.</summary>
    private void ScheduleHost(Host host)
    {
        if (host.IsScheduled || host.Waiters.Count == 0 || host.Running >= maxConcurrencyPerHost)
            return;
        host.IsScheduled = true;
        readyHosts.Enqueue(host);
    }

    private void GrantSlots()
    {
        while (freeSlots > 0 && readyHosts.TryDequeue(out var host))
        {
            host.IsScheduled = false;
            if (host.Waiters.First is not { } first || host.Running >= maxConcurrencyPerHost)
                continue;
            host.Waiters.RemoveFirst();
            queued--;
            host.Running++;
            freeSlots--;
            first.Value.SetResult();
            ScheduleHost(host);
        }
    }

    private sealed class Host
    {
        public LinkedList<TaskCompletionSource> Waiters { get; } = [];

        public int Running { get; set; }

        public bool IsScheduled { get; set; }
    }
}
