using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>
/// What the silos have told of their pods, and those who watch them. A silo that is dead took its pods with it, or is about to: where it was only cut
/// off, it learns that a moment later than the others. One that only does not answer keeps those that it told last: were others started in their
/// place, there would be twice as many as soon as it answers again.
/// </summary>
internal sealed class ClusterBoard
{
    private readonly Lock sync = new();
    private readonly Dictionary<SiloAddress, PodHost> hosts = [];
    private readonly HashSet<(DeploymentName Deployment, ChannelWriter<bool> Changed)> watchers = [];

    // Ready pods of silos that are dead, until they are seen to have ended.
    private readonly Dictionary<PodName, PodObservation> orphans = [];

    /// <summary>The silos that there are.</summary>
    public IReadOnlyList<PodHost> Hosts
    {
        get
        {
            lock (sync)
                return [.. hosts.Values];
        }
    }

    /// <summary>The silos that there are by now. Returns those that are no more, with what they had. What was ready there stays until <see cref="Bury"/>.</summary>
    public IReadOnlyList<PodHost> SetMembers(IReadOnlyDictionary<SiloAddress, SiloStatus> members)
    {
        lock (sync)
        {
            var gone = hosts.Values.Where(host => !members.ContainsKey(host.Silo)).ToList();
            gone.ForEach(host => hosts.Remove(host.Silo));
            foreach (var pod in gone.SelectMany(host => host.Pods).Where(pod => pod.Address is not null))
                orphans[pod.Name] = pod;
            var changed = members.Where(member => hosts.GetValueOrDefault(member.Key)?.Status != member.Value).ToList();
            foreach (var (silo, status) in changed)
                hosts[silo] = hosts.TryGetValue(silo, out var host) ? host with { Status = status } : new(silo, status);
            // Whoever comes or goes, it may be the one that all wait for before anything is known.
            if (gone.Count + changed.Count > 0)
                Tell(_ => true);
            return gone;
        }
    }

    /// <summary>A pod of a silo that is dead has ended.</summary>
    public void Bury(PodObservation pod)
    {
        lock (sync)
        {
            if (orphans.Remove(pod.Name))
                Tell(deployment => deployment == pod.Deployment);
        }
    }

    /// <summary>A silo tells its pods. What is older than it told before changes nothing.</summary>
    public void Take(SiloAddress silo, SiloPods told)
    {
        lock (sync)
        {
            if (!hosts.TryGetValue(silo, out var before))
                return;
            if (before.Told?.Version >= told.Version)
            {
                hosts[silo] = before with { IsSilent = false };
                return;
            }

            var now = hosts[silo] = before with { Told = told, IsSilent = false };
            if (before.IsUnknown)
                Tell(_ => true);
            else
                Tell(deployment => !SameFor(deployment, before, now));
        }
    }

    /// <summary>A silo does not answer.</summary>
    public void SetSilent(SiloAddress silo)
    {
        lock (sync)
        {
            if (hosts.TryGetValue(silo, out var host))
                hosts[silo] = host with { IsSilent = true };
        }
    }

    /// <summary>The silo that has a pod, as far as it has told; null for none.</summary>
    public SiloAddress? Find(PodName pod)
    {
        lock (sync)
            return hosts.Values.FirstOrDefault(host => host.Told?.Pods.Any(p => p.Name == pod) is true)?.Silo;
    }

    /// <summary>All pods of a deployment, once every active silo has told its own, and again after each change.</summary>
    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        changes.Writer.TryWrite(true);
        lock (sync)
            watchers.Add((deployment, changes.Writer));
        try
        {
            // Known once is known: a silo that joins later has no pods that others have not started since.
            var isKnown = false;
            await foreach (var _ in changes.Reader.ReadAllAsync(cancellationToken))
            {
                if ((isKnown = isKnown || IsKnown()))
                    yield return Snapshot(deployment);
            }
        }
        finally
        {
            lock (sync)
                watchers.Remove((deployment, changes.Writer));
        }
    }

    private bool IsKnown()
    {
        lock (sync)
            return hosts.Count > 0 && !hosts.Values.Any(host => host.IsUnknown);
    }

    private IReadOnlyList<PodObservation> Snapshot(DeploymentName deployment)
    {
        lock (sync)
        {
            return
            [
                .. hosts
                    .Values.SelectMany(host => host.Pods)
                    .Concat(orphans.Values)
                    .Where(pod => pod.Deployment == deployment)
                    .OrderBy(pod => pod.CreatedAt)
                    .ThenBy(pod => pod.Name.Value, StringComparer.Ordinal),
            ];
        }
    }

    private void Tell(Func<DeploymentName, bool> concerns)
    {
        foreach (var (_, changed) in watchers.Where(watcher => concerns(watcher.Deployment)))
            changed.TryWrite(true);
    }

    private static bool SameFor(DeploymentName deployment, PodHost before, PodHost now)
    {
        var (old, present) = (Of(before), Of(now));
        return old.Count == present.Count && old.Zip(present).All(pair => Same(pair.First, pair.Second));

        List<PodObservation> Of(PodHost host) => [.. host.Pods.Where(pod => pod.Deployment == deployment)];
    }

    private static bool Same(PodObservation one, PodObservation other) =>
        one with { LastLines = other.LastLines } == other && one.LastLines.SequenceEqual(other.LastLines);
}
