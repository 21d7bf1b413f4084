using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.LocalProcess.Pods;

/// <summary>The latest observation of each pod of this silo. Each watcher buffers at most one snapshot; a newer one replaces it.</summary>
internal sealed class PodRegistry
{
    private readonly Lock sync = new();
    private readonly Dictionary<PodName, PodObservation> pods = [];
    private readonly HashSet<(DeploymentName Deployment, Channel<IReadOnlyList<PodObservation>> Channel)> watchers = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version = 1;
    private bool isLeaving;

    /// <summary>All pods of this silo, of all deployments.</summary>
    public SiloPods All
    {
        get
        {
            lock (sync)
            {
                return new(version, isLeaving, [.. pods.Values]);
            }
        }
    }

    public bool IsDraining
    {
        get
        {
            lock (sync)
            {
                return isLeaving;
            }
        }
    }

    /// <summary>Marks the silo as draining.</summary>
    public void StartDraining()
    {
        lock (sync)
        {
            isLeaving = true;
            IncrementVersion();
        }
    }

    /// <summary>
    /// Waits until the version exceeds <paramref name="afterVersion"/> and returns all pods. If <paramref name="cancellationToken"/> is
    /// canceled first, returns the current pods.
    /// </summary>
    public async Task<SiloPods> WaitForChange(long afterVersion, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task change;
            lock (sync)
            {
                if (version > afterVersion)
                    break;

                change = changed.Task;
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return All;
    }

    public void Set(PodObservation pod)
    {
        lock (sync)
        {
            pods[pod.Name] = pod;
            IncrementVersion();
            NotifyWatchers(pod.Deployment);
        }
    }

    public void Remove(PodName name)
    {
        lock (sync)
        {
            if (pods.Remove(name, out var pod))
            {
                IncrementVersion();
                NotifyWatchers(pod.Deployment);
            }
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var channel = Channel.CreateBounded<IReadOnlyList<PodObservation>>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        lock (sync)
        {
            watchers.Add((deployment, channel));
            channel.Writer.TryWrite(Snapshot(deployment));
        }

        try
        {
            await foreach (var snapshot in channel.Reader.ReadAllAsync(cancellationToken))
                yield return snapshot;
        }
        finally
        {
            lock (sync)
            {
                watchers.Remove((deployment, channel));
            }
        }
    }

    private void IncrementVersion()
    {
        version++;
        changed.SetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void NotifyWatchers(DeploymentName deployment)
    {
        var snapshot = Snapshot(deployment);
        foreach (var watcher in watchers.Where(watcher => watcher.Deployment == deployment))
            watcher.Channel.Writer.TryWrite(snapshot);
    }

    private IReadOnlyList<PodObservation> Snapshot(DeploymentName deployment) =>
        [
            .. pods
                .Values.Where(pod => pod.Deployment == deployment)
                .OrderBy(pod => pod.CreatedAt)
                .ThenBy(pod => pod.Name.Value, StringComparer.Ordinal),
        ];
}
