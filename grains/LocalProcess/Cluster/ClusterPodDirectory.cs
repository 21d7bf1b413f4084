using System.Runtime.CompilerServices;
using DeployCard.Common.Live;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Pods;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>
/// The latest pod report of each silo in the cluster, and the watchers of these pods. The pods of a dead silo end with the silo; if the
/// silo was only partitioned, they end slightly later, when it learns that it was declared dead. An unresponsive silo keeps the pods of
/// its last report: replacing them would double the pods when the silo responds again.
/// </summary>
internal sealed class ClusterPodDirectory
{
    private readonly Lock sync = new();
    private readonly Dictionary<SiloAddress, PodHost> hosts = [];

    // A signal instead of a snapshot: each watcher decides when it reads whether its first snapshot is complete.
    private readonly TopicBroadcaster<DeploymentName, bool> changes = new();

    // Ready pods of dead silos, kept until their ports are closed.
    private readonly Dictionary<PodName, PodObservation> orphans = [];

    /// <summary>All silos of the cluster that can have pods.</summary>
    public IReadOnlyList<PodHost> Hosts
    {
        get
        {
            lock (sync)
                return [.. hosts.Values];
        }
    }

    /// <summary>
    /// Updates the silos of the cluster and returns the removed ones with their pods. Ready pods of removed silos stay visible until
    /// <see cref="RemoveOrphan"/>.
    /// </summary>
    public IReadOnlyList<PodHost> SetMembers(IReadOnlyDictionary<SiloAddress, SiloStatus> members)
    {
        lock (sync)
        {
            var removed = hosts.Values.Where(host => !members.ContainsKey(host.Silo)).ToList();
            removed.ForEach(host => hosts.Remove(host.Silo));
            foreach (var pod in removed.SelectMany(host => host.Pods).Where(pod => pod.Address is not null))
                orphans[pod.Name] = pod;
            var changed = members.Where(member => hosts.GetValueOrDefault(member.Key)?.Status != member.Value).ToList();
            foreach (var (silo, status) in changed)
                hosts[silo] = hosts.TryGetValue(silo, out var host) ? host with { Status = status } : new(silo, status);
            // Notify all watchers: they may have been waiting for the first report of the silo that was removed or changed.
            if (removed.Count + changed.Count > 0)
                NotifyWatchers(_ => true);
            return removed;
        }
    }

    /// <summary>Removes a pod of a dead silo after the pod has ended.</summary>
    public void RemoveOrphan(PodObservation pod)
    {
        lock (sync)
        {
            if (orphans.Remove(pod.Name))
                NotifyWatchers(deployment => deployment == pod.Deployment);
        }
    }

    /// <summary>Applies the pod report of a silo and marks the silo as responsive. The pods of an outdated report are ignored.</summary>
    public void ApplyReport(SiloAddress silo, SiloPods report)
    {
        lock (sync)
        {
            if (!hosts.TryGetValue(silo, out var before))
                return;
            if (before.LastReport?.Version >= report.Version)
            {
                hosts[silo] = before with { IsUnresponsive = false };
                return;
            }

            var now = hosts[silo] = before with { LastReport = report, IsUnresponsive = false };
            if (before.IsReportPending)
                NotifyWatchers(_ => true);
            else
                NotifyWatchers(deployment => !HasSamePods(deployment, before, now));
        }
    }

    /// <summary>Marks a silo as unresponsive.</summary>
    public void MarkUnresponsive(SiloAddress silo)
    {
        lock (sync)
        {
            if (hosts.TryGetValue(silo, out var host))
                hosts[silo] = host with { IsUnresponsive = true };
        }
    }

    /// <summary>Returns the silo whose last report contains a pod; null if no report contains the pod.</summary>
    public SiloAddress? FindSilo(PodName pod)
    {
        lock (sync)
            return hosts.Values.FirstOrDefault(host => host.LastReport?.Pods.Any(p => p.Name == pod) is true)?.Silo;
    }

    /// <summary>
    /// Streams all pods of a deployment: first when every active silo has reported its pods, then again after each change.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var watcher = changes.Subscribe(deployment);
        watcher.Enqueue(true);
        // Stays true: a silo that joins later starts without pods, so its missing first report hides none.
        var haveAllReported = false;
        await foreach (var _ in watcher.ReadAll(cancellationToken))
        {
            if ((haveAllReported = haveAllReported || HaveAllReported()))
                yield return Snapshot(deployment);
        }
    }

    private bool HaveAllReported()
    {
        lock (sync)
            return hosts.Count > 0 && !hosts.Values.Any(host => host.IsReportPending);
    }

    private IReadOnlyList<PodObservation> Snapshot(DeploymentName deployment)
    {
        lock (sync)
        {
            return PodSnapshot.Create(deployment, hosts.Values.SelectMany(host => host.Pods).Concat(orphans.Values));
        }
    }

    private void NotifyWatchers(Func<DeploymentName, bool> concerns)
    {
        foreach (var deployment in changes.Topics.Where(concerns))
            changes.Publish(deployment, static _ => true);
    }

    private static bool HasSamePods(DeploymentName deployment, PodHost before, PodHost now)
    {
        var (old, present) = (PodsOf(before), PodsOf(now));
        return old.Count == present.Count && old.Zip(present).All(pair => AreEqual(pair.First, pair.Second));

        List<PodObservation> PodsOf(PodHost host) => [.. host.Pods.Where(pod => pod.Deployment == deployment)];
    }

    private static bool AreEqual(PodObservation one, PodObservation other) =>
        one with { LastLines = other.LastLines } == other && one.LastLines.SequenceEqual(other.LastLines);
}
