using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>The last observation of every pod, and those who watch them. A watcher holds one snapshot at most: the newest replaces it.</summary>
internal sealed class PodBoard
{
    private readonly Lock gate = new();
    private readonly Dictionary<PodName, PodObservation> pods = [];
    private readonly HashSet<(DeploymentName Deployment, Channel<IReadOnlyList<PodObservation>> Channel)> watchers = [];

    public void Set(PodObservation pod)
    {
        lock (gate)
        {
            pods[pod.Name] = pod;
            Tell(pod.Deployment);
        }
    }

    public void Remove(PodName name)
    {
        lock (gate)
        {
            if (pods.Remove(name, out var pod))
            {
                Tell(pod.Deployment);
            }
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<IReadOnlyList<PodObservation>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (gate)
        {
            watchers.Add((deployment, channel));
            channel.Writer.TryWrite(Snapshot(deployment));
        }

        try
        {
            await foreach (var snapshot in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return snapshot;
            }
        }
        finally
        {
            lock (gate)
            {
                watchers.Remove((deployment, channel));
            }
        }
    }

    private void Tell(DeploymentName deployment)
    {
        var snapshot = Snapshot(deployment);
        foreach (var watcher in watchers.Where(watcher => watcher.Deployment == deployment))
        {
            watcher.Channel.Writer.TryWrite(snapshot);
        }
    }

    private IReadOnlyList<PodObservation> Snapshot(DeploymentName deployment) =>
        [.. pods.Values.Where(pod => pod.Deployment == deployment).OrderBy(pod => pod.CreatedAt).ThenBy(pod => pod.Name.Value, StringComparer.Ordinal)];
}
