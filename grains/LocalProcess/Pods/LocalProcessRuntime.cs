using System.Collections.Concurrent;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Processes;

namespace DeployCard.LocalProcess.Pods;

/// <summary>Runs pods as processes of this silo.</summary>
internal sealed class LocalProcessRuntime(LocalPodServices tools, IPodLogForwarder forwarder) : IPodRuntime, ILocalPods, IAsyncDisposable
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(1);

    // An unreachable log must not block the end of a pod indefinitely.
    private static readonly TimeSpan LogForwardTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<PodName, Entry> pods = new();
    private readonly PodRegistry board = new();
    private readonly CancellationTokenSource skipRetention = new();
    private readonly Lock sync = new();
    private volatile bool closed;

    public bool IsShuttingDown => closed;

    /// <summary>Whether this silo rejects new pods because it shuts down.</summary>
    public bool IsDraining => board.IsDraining;

    /// <summary>All pods of this silo, as reported to other silos.</summary>
    public SiloPods Snapshot => board.All;

    /// <summary>Number of pods that have not ended.</summary>
    public int ActiveCount => board.All.Pods.Count(pod => pod.Phase is not PodPhase.Ended);

    /// <inheritdoc cref="PodRegistry.WaitForChange"/>
    public Task<SiloPods> WaitForChange(long afterVersion, CancellationToken cancellationToken) =>
        board.WaitForChange(afterVersion, cancellationToken);

    public Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TryStart(pod)
            ? Task.CompletedTask
            : throw new InvalidOperationException($"Pod {pod.Name} was not started: this silo is shutting down and accepts no new pods.");
    }

    /// <summary>Starts a pod unless it exists; returns false if this silo rejects new pods.</summary>
    public bool TryStart(PodSpec pod)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(pod.StartupTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pod.StartupTimeout, MaxDuration);
        PodEnvironment.Validate(pod.Environment);
        lock (sync)
        {
            if (board.IsDraining)
                return false;

            if (!pods.ContainsKey(pod.Name))
                pods[pod.Name] = CreateEntry(pod);
        }

        return true;
    }

    /// <summary>Rejects new pods from now on and reports that to the other silos.</summary>
    public void StopAcceptingPods()
    {
        lock (sync)
        {
            board.StartDraining();
        }
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(grace, MaxDuration);
        if (!pods.TryGetValue(pod, out var entry))
            return null;

        entry.Pod.Stop(grace);
        var last = await entry.Completion.WaitAsync(cancellationToken);
        await entry
            .LogForwarding.WaitAsync(LogForwardTimeout, tools.Clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return last;
    }

    /// <summary>Returns immediately: without a cluster there is no other silo to replace the pods.</summary>
    public Task Drain(TimeSpan limit, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAll(TimeSpan grace, CancellationToken cancellationToken)
    {
        closed = true;
        StopAcceptingPods();
        await Task.WhenAll(pods.Keys.Select(pod => Stop(pod, grace, cancellationToken)));
        await skipRetention.CancelAsync();
    }

    public IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken) =>
        board.Watch(deployment, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        var all = pods.Values;
        await StopAll(tools.Options.ShutdownGracePeriod, CancellationToken.None);
        await Task.WhenAll(all.Select(entry => entry.Removal));
    }

    private Entry CreateEntry(PodSpec spec)
    {
        var pod = new LocalPod(spec, tools, board.Set);
        var removed = new CancellationTokenSource();
        // Task.Run leaves the caller's scheduler: every continuation of the pod would otherwise run as a turn of the calling grain.
        var completion = Task.Run(pod.Run);
        var logForwarding = Task.Run(() => forwarder.Forward(spec.Name, spec.Deployment, pod.Log.Read(removed.Token), removed.Token));
        return new(pod, completion, logForwarding, Task.Run(() => RemoveAfterRetention(pod, completion, logForwarding, removed)));
    }

    /// <summary>Removes an ended pod after the retention time, so that slow watchers see its end and the log its last lines.</summary>
    private async Task RemoveAfterRetention(
        LocalPod pod,
        Task<PodObservation> completion,
        Task logForwarding,
        CancellationTokenSource removed
    )
    {
        var last = await completion;
        await Task.Delay(tools.Options.EndedPodRetention, tools.Clock, skipRetention.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pods.TryRemove(last.Name, out _);
        board.Remove(last.Name);
        await removed.CancelAsync();
        await logForwarding;
        removed.Dispose();
        pod.Dispose();
    }

    private sealed record Entry(LocalPod Pod, Task<PodObservation> Completion, Task LogForwarding, Task Removal);
}
