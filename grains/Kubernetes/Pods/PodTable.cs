using System.Runtime.CompilerServices;
using DeployCard.Common.Live;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>
/// Pods of this installation as Kubernetes last reported them, with the watches on them. Only <see cref="PodInformer"/> writes the pods.
/// The response to another request may be older or newer than the watch, so a second writer could bring back removed pods.
/// </summary>
internal sealed class PodTable(TimeProvider time)
{
    private static readonly TimeSpan RemovedRetention = TimeSpan.FromMinutes(1);

    private readonly Lock sync = new();
    private readonly Dictionary<PodName, PodEntry> pods = [];
    private readonly Dictionary<PodName, PodObservation> rejected = [];
    private readonly TopicBroadcaster<DeploymentName, IReadOnlyList<PodObservation>> watchers = new();
    private bool hasListed;

    /// <summary>Pods that exist, of all deployments.</summary>
    public IReadOnlyList<V1Pod> All
    {
        get
        {
            lock (sync)
                return [.. pods.Values.Where(entry => entry.RemovedAt is null).Select(entry => entry.Pod)];
        }
    }

    /// <summary>Returns a pod that exists or was recently removed, with its observation; null if the name is unknown.</summary>
    public (V1Pod Pod, PodObservation Observation)? Find(PodName name)
    {
        lock (sync)
            return pods.TryGetValue(name, out var entry) ? (entry.Pod, entry.EffectiveState) : null;
    }

    /// <summary>Whether the grain of a deployment runs on this silo and watches its pods. Only that grain decides about them.</summary>
    public bool IsWatched(DeploymentName deployment) => watchers.HasSubscribers(deployment);

    /// <summary>
    /// Returns the readiness check of a starting pod; null if the pod is not starting, its container does not run yet, or the current run
    /// has already been ready.
    /// </summary>
    public ReadinessCheck? GetReadinessCheck(PodName name)
    {
        lock (sync)
            return pods.GetValueOrDefault(name)?.ReadinessCheck;
    }

    /// <summary>Records that a pod passed its readiness check. The result is ignored if another run of the container has started.</summary>
    public void RecordReady(ReadinessCheck check)
    {
        lock (sync)
        {
            if (!pods.TryGetValue(check.Pod, out var entry) || ServingContainerStatus.GetRunId(entry.Pod) != check.Run)
                return;
            pods[check.Pod] = entry = entry with { ProbeState = (check.Run, time.GetUtcNow()) };
            Notify(entry.EffectiveState.Deployment);
        }
    }

    /// <summary>Applies a complete list; pods missing from the list have been removed.</summary>
    public void Replace(IReadOnlyList<V1Pod> list)
    {
        lock (sync)
        {
            var names = list.Select(pod => new PodName(pod.Metadata.Name)).ToHashSet();
            foreach (var pod in list)
                Set(pod);
            foreach (var missing in pods.Where(pod => pod.Value.RemovedAt is null && !names.Contains(pod.Key)).ToList())
                SetRemoved(missing.Key, missing.Value);
            hasListed = true;
            foreach (var deployment in watchers.Topics)
                Notify(deployment);
        }
    }

    /// <summary>Applies the current state of one pod.</summary>
    public void Put(V1Pod pod)
    {
        lock (sync)
        {
            Set(pod);
            Notify(PodLabels.GetDeployment(pod));
        }
    }

    /// <summary>Marks a pod as removed.</summary>
    /// <param name="pod">The final state of the pod.</param>
    public void Remove(V1Pod pod)
    {
        lock (sync)
        {
            var name = new PodName(pod.Metadata.Name);
            if (!pods.TryGetValue(name, out var known) || known.Pod.Metadata.Uid != pod.Metadata.Uid)
                return;
            // A pod that lost the labels of DeployCard is no longer parsed.
            SetRemoved(name, PodLabels.IsManaged(pod) ? known.WithFinalState(pod) : known);
            Notify(known.EffectiveState.Deployment);
        }
    }

    /// <summary>Adds a pod that Kubernetes rejected, so that it is shown as failed.</summary>
    public void AddRejected(PodObservation pod)
    {
        lock (sync)
        {
            rejected[pod.Name] = pod;
            Notify(pod.Deployment);
        }
    }

    /// <summary>
    /// Removes a rejected pod, because it is no longer retried. Returns its last observation; null if no such pod was rejected.
    /// </summary>
    public PodObservation? RemoveRejected(PodName name)
    {
        lock (sync)
        {
            if (rejected.Remove(name, out var pod))
                Notify(pod.Deployment);
            return pod;
        }
    }

    /// <summary>
    /// Watches the pods of a deployment as <see cref="IPodRuntime.Watch"/> specifies; yields nothing before the first list.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var watcher = watchers.Subscribe(deployment);
        lock (sync)
        {
            if (hasListed)
                watcher.Enqueue(Snapshot(deployment));
        }

        await foreach (var snapshot in watcher.ReadAll(cancellationToken))
            yield return snapshot;
    }

    private void Set(V1Pod pod)
    {
        var name = new PodName(pod.Metadata.Name);
        // Names are never reused, so an event after the removal of the pod is outdated.
        var before = pods.GetValueOrDefault(name);
        if (before is { RemovedAt: not null } && before.Pod.Metadata.Uid == pod.Metadata.Uid)
            return;
        pods[name] = PodEntry.Create(pod, before);
        rejected.Remove(name);
    }

    private void SetRemoved(PodName name, PodEntry entry)
    {
        var now = time.GetUtcNow();
        pods[name] = entry.Remove(now);
        foreach (var old in pods.Where(pod => now - pod.Value.RemovedAt > RemovedRetention).Select(pod => pod.Key).ToList())
            pods.Remove(old);
    }

    private void Notify(DeploymentName deployment)
    {
        if (hasListed)
            watchers.Publish(deployment, Snapshot);
    }

    private IReadOnlyList<PodObservation> Snapshot(DeploymentName deployment) =>
        PodSnapshot.Create(deployment, pods.Values.Select(entry => entry.EffectiveState).Concat(rejected.Values));
}
