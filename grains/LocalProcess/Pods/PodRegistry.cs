using System.Runtime.CompilerServices;
using DeployCard.Common.Live;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.LocalProcess.Pods;

/// <summary>
/// The latest observation of each pod of this silo. Each watcher buffers at most one snapshot; a newer one replaces it. Other silos do not
/// watch but poll (<see cref="WaitForChange"/>): a poll needs no buffer, because the version shows whether the poller missed a change.
/// </summary>
internal sealed class PodRegistry
{
    private readonly Lock sync = new();
    private readonly Dictionary<PodName, PodObservation> pods = [];
    private readonly TopicBroadcaster<DeploymentName, IReadOnlyList<PodObservation>> watchers = new();
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
            watchers.Publish(pod.Deployment, Snapshot);
        }
    }

    public void Remove(PodName name)
    {
        lock (sync)
        {
            if (pods.Remove(name, out var pod))
            {
                IncrementVersion();
                watchers.Publish(pod.Deployment, Snapshot);
            }
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var watcher = watchers.Subscribe(deployment);
        lock (sync)
        {
            watcher.Enqueue(Snapshot(deployment));
        }

        await foreach (var snapshot in watcher.ReadAll(cancellationToken))
            yield return snapshot;
    }

    private void IncrementVersion()
    {
        version++;
        changed.SetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private IReadOnlyList<PodObservation> Snapshot(DeploymentName deployment) => PodSnapshot.Create(deployment, pods.Values);
}
