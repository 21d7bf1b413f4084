using System.Collections.Concurrent;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>Runs pods as processes of this machine.</summary>
internal sealed class LocalProcessRuntime(PodTools tools) : IPodRuntime, ILocalPods, IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<PodName, Entry> pods = new();
    private readonly PodBoard board = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();
    private bool closed;

    public Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(pod.StartupTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pod.StartupTimeout, Longest);
        PodEnvironment.Validate(pod.Environment);
        lock (gate)
        {
            if (closed)
            {
                throw new InvalidOperationException($"The server is shutting down and takes no more pods, so not {pod.Name} either.");
            }

            if (!pods.ContainsKey(pod.Name))
            {
                pods[pod.Name] = Begin(new(pod, tools, board.Set));
            }
        }

        return Task.CompletedTask;
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(grace, Longest);
        if (!pods.TryGetValue(pod, out var entry))
        {
            return null;
        }

        entry.Pod.Stop(grace);
        return await entry.Life.WaitAsync(cancellationToken);
    }

    public async Task StopAll(TimeSpan grace, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            closed = true;
        }

        await Task.WhenAll(pods.Keys.Select(pod => Stop(pod, grace, cancellationToken)));
        await closing.CancelAsync();
    }

    public IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken) =>
        board.Watch(deployment, cancellationToken);

    public IAsyncEnumerable<PodLogLine> Logs(PodName pod, CancellationToken cancellationToken) =>
        pods.TryGetValue(pod, out var entry) ? entry.Pod.Log.Read(cancellationToken) : AsyncEnumerable.Empty<PodLogLine>();

    public async ValueTask DisposeAsync()
    {
        var all = pods.Values;
        await StopAll(tools.Options.DisposeGrace, CancellationToken.None);
        await Task.WhenAll(all.Select(entry => entry.Forgotten));
    }

    private Entry Begin(LocalPod pod)
    {
        // Off the caller's scheduler: a grain would otherwise serve every step of its pods' lives.
        var life = Task.Run(pod.Live);
        return new(pod, life, Task.Run(() => Forget(pod, life)));
    }

    /// <summary>Once it is gone it can be looked at for a while: a slow watcher sees its end, a late reader its log.</summary>
    private async Task Forget(LocalPod pod, Task<PodObservation> life)
    {
        var last = await life;
        await Task.Delay(tools.Options.GoneRetention, tools.Clock, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pods.TryRemove(last.Name, out _);
        board.Remove(last.Name);
        pod.Dispose();
    }

    private sealed record Entry(LocalPod Pod, Task<PodObservation> Life, Task Forgotten);
}
