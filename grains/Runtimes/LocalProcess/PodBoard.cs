using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Cluster;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>The last observation of every pod, and those who watch them. A watcher holds one snapshot at most: the newest replaces it.</summary>
internal sealed class PodBoard
{
    private readonly Lock sync = new();
    private readonly Dictionary<PodName, PodObservation> pods = [];
    private readonly HashSet<(DeploymentName Deployment, Channel<IReadOnlyList<PodObservation>> Channel)> watchers = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version = 1;
    private bool isLeaving;

    /// <summary>All pods, whosever they are.</summary>
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

    public bool IsLeaving
    {
        get
        {
            lock (sync)
            {
                return isLeaving;
            }
        }
    }

    /// <summary>From now on all pods leave.</summary>
    public void Leave()
    {
        lock (sync)
        {
            isLeaving = true;
            Change();
        }
    }

    /// <summary>All pods as soon as their version is above <paramref name="after"/>; at the end of the token as they are.</summary>
    public async Task<SiloPods> Next(long after, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task change;
            lock (sync)
            {
                if (version > after)
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
            Change();
            Tell(pod.Deployment);
        }
    }

    public void Remove(PodName name)
    {
        lock (sync)
        {
            if (pods.Remove(name, out var pod))
            {
                Change();
                Tell(pod.Deployment);
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

    private void Change()
    {
        version++;
        changed.SetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Tell(DeploymentName deployment)
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
