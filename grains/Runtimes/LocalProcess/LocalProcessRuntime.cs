using System.Collections.Concurrent;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Cluster;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>Runs pods as processes of this machine.</summary>
internal sealed class LocalProcessRuntime(PodTools tools, IPodLogPump pump) : IPodRuntime, ILocalPods, IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // A log that cannot be reached must not hold the end of a pod up for ever.
    private static readonly TimeSpan LastLineLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<PodName, Entry> pods = new();
    private readonly PodBoard board = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Lock sync = new();
    private volatile bool closed;

    public bool IsEnding => closed;

    /// <summary>Whether it takes no more pods.</summary>
    public bool IsLeaving => board.IsLeaving;

    /// <summary>All pods, for other silos.</summary>
    public SiloPods Pods => board.All;

    /// <summary>How many pods have not ended.</summary>
    public int Count => board.All.Pods.Count(pod => pod.Phase is not PodPhase.Ended);

    /// <inheritdoc cref="PodBoard.Next"/>
    public Task<SiloPods> Next(long after, CancellationToken cancellationToken) => board.Next(after, cancellationToken);

    public Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TryStart(pod)
            ? Task.CompletedTask
            : throw new InvalidOperationException($"The server is shutting down and takes no more pods, so not {pod.Name} either.");
    }

    /// <summary>Takes a pod up; false where no more are taken.</summary>
    public bool TryStart(PodSpec pod)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(pod.StartupTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pod.StartupTimeout, Longest);
        PodEnvironment.Validate(pod.Environment);
        lock (sync)
        {
            if (board.IsLeaving)
                return false;

            if (!pods.ContainsKey(pod.Name))
                pods[pod.Name] = Begin(pod);
        }

        return true;
    }

    /// <summary>Takes no more pods, and tells so.</summary>
    public void TakeNoMore()
    {
        lock (sync)
        {
            board.Leave();
        }
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(grace, Longest);
        if (!pods.TryGetValue(pod, out var entry))
            return null;

        entry.Pod.Stop(grace);
        var last = await entry.Life.WaitAsync(cancellationToken);
        await entry.Carried.WaitAsync(LastLineLimit, tools.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return last;
    }

    /// <summary>There is nobody to take them.</summary>
    public Task Leave(TimeSpan limit, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAll(TimeSpan grace, CancellationToken cancellationToken)
    {
        closed = true;
        TakeNoMore();
        await Task.WhenAll(pods.Keys.Select(pod => Stop(pod, grace, cancellationToken)));
        await closing.CancelAsync();
    }

    public IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken) =>
        board.Watch(deployment, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        var all = pods.Values;
        await StopAll(tools.Options.DisposeGrace, CancellationToken.None);
        await Task.WhenAll(all.Select(entry => entry.Forgotten));
    }

    private Entry Begin(PodSpec spec)
    {
        var pod = new LocalPod(spec, tools, board.Set);
        var forgotten = new CancellationTokenSource();
        // Off the caller's scheduler: a grain would otherwise serve every step of its pods' lives.
        var life = Task.Run(pod.Live);
        var carried = Task.Run(() => pump.Carry(spec.Name, spec.Deployment, pod.Log.Read(forgotten.Token), forgotten.Token));
        return new(pod, life, carried, Task.Run(() => Forget(pod, life, carried, forgotten)));
    }

    /// <summary>Once it is gone it can be looked at for a while: a slow watcher sees its end, its log the last lines.</summary>
    private async Task Forget(LocalPod pod, Task<PodObservation> life, Task carried, CancellationTokenSource forgotten)
    {
        var last = await life;
        await Task.Delay(tools.Options.GoneRetention, tools.Clock, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pods.TryRemove(last.Name, out _);
        board.Remove(last.Name);
        await forgotten.CancelAsync();
        await carried;
        forgotten.Dispose();
        pod.Dispose();
    }

    private sealed record Entry(LocalPod Pod, Task<PodObservation> Life, Task Carried, Task Forgotten);
}
