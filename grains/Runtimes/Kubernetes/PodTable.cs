using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes.Readiness;
using k8s.Models;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>
/// All pods of this installation as the platform told them last, and those who watch them. Only the <see cref="PodInformer"/> writes what there is: an
/// answer to a request of ours may be older or newer than what it has heard, and two writers would bring back what is gone. What a pod that starts has
/// answered us (<see cref="StartProbes"/>) stands beside that, and counts until the platform has said the same, or its run is over.
/// </summary>
internal sealed class PodTable(TimeProvider time)
{
    private static readonly TimeSpan GoneRetention = TimeSpan.FromMinutes(1);

    private readonly Lock sync = new();
    private readonly Dictionary<PodName, Entry> pods = [];
    private readonly Dictionary<PodName, PodObservation> refused = [];
    private readonly Dictionary<DeploymentName, List<Channel<IReadOnlyList<PodObservation>>>> watchers = [];
    private bool isKnown;

    /// <summary>Those that are there.</summary>
    public IReadOnlyList<V1Pod> All
    {
        get
        {
            lock (sync)
                return [.. pods.Values.Where(entry => entry.GoneAt is null).Select(entry => entry.Pod)];
        }
    }

    /// <summary>One of them, or one that has just gone.</summary>
    public (V1Pod Pod, PodObservation Seen)? Find(PodName name)
    {
        lock (sync)
            return pods.TryGetValue(name, out var entry) ? (entry.Pod, entry.Seen) : null;
    }

    /// <summary>Whether somebody on this silo watches a deployment: its grain, which is the only one that decides about its pods.</summary>
    public bool IsWatched(DeploymentName deployment)
    {
        lock (sync)
            return watchers.ContainsKey(deployment);
    }

    /// <summary>What a pod that starts is to be asked; null where it does not start, nothing runs yet, or it has been ready in this run.</summary>
    public StartQuestion? StartQuestion(PodName name)
    {
        lock (sync)
            return
                pods.GetValueOrDefault(name) is { GoneAt: null, Seen.Phase: PodPhase.Starting } entry
                && PodReading.StartQuestion(entry.Pod) is { } question
                && question.Run != entry.ReadyRun
                ? question
                : null;
    }

    /// <summary>A pod has answered that it is ready. Of another run than that which runs now it counts for nothing.</summary>
    public void Hear(StartQuestion question)
    {
        lock (sync)
        {
            if (!pods.TryGetValue(question.Pod, out var entry) || PodReading.Run(entry.Pod) != question.Run)
                return;
            pods[question.Pod] = entry = entry with { Heard = (question.Run, time.GetUtcNow()) };
            Tell(entry.Seen.Deployment);
        }
    }

    /// <summary>Takes a whole list: what is not in it is gone.</summary>
    public void Replace(IReadOnlyList<V1Pod> list)
    {
        lock (sync)
        {
            var names = list.Select(pod => new PodName(pod.Metadata.Name)).ToHashSet();
            foreach (var pod in list)
                Set(pod);
            foreach (var missing in pods.Where(pod => pod.Value.GoneAt is null && !names.Contains(pod.Key)).ToList())
                SetGone(missing.Key, missing.Value);
            isKnown = true;
            foreach (var deployment in watchers.Keys)
                Tell(deployment);
        }
    }

    public void Put(V1Pod pod)
    {
        lock (sync)
        {
            Set(pod);
            Tell(PodLabels.DeploymentOf(pod));
        }
    }

    /// <summary>A pod is there no more; this is the last of it.</summary>
    public void Remove(V1Pod pod)
    {
        lock (sync)
        {
            var name = new PodName(pod.Metadata.Name);
            if (!pods.TryGetValue(name, out var known) || known.Pod.Metadata.Uid != pod.Metadata.Uid)
                return;
            // Its end is told with it. What has lost our labels is not read any more.
            SetGone(name, PodLabels.IsOurs(pod) ? known with { Pod = pod, Told = PodReading.Of(pod, known.Told) } : known);
            Tell(known.Seen.Deployment);
        }
    }

    /// <summary>The platform does not take a pod: it is shown as failed. Of one that is there nothing changes.</summary>
    public void Refuse(PodObservation pod)
    {
        lock (sync)
        {
            refused[pod.Name] = pod;
            Tell(pod.Deployment);
        }
    }

    /// <summary>It is tried no more, or taken now.</summary>
    public PodObservation? Forget(PodName name)
    {
        lock (sync)
        {
            if (refused.Remove(name, out var pod))
                Tell(pod.Deployment);
            return pod;
        }
    }

    /// <summary>The pods of a deployment, as <see cref="IPodRuntime.Watch"/> has it; nothing before the first list.</summary>
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
            if (!watchers.TryGetValue(deployment, out var others))
                watchers[deployment] = others = [];
            others.Add(channel);
            if (isKnown)
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
                watchers[deployment].Remove(channel);
                if (watchers[deployment].Count == 0)
                    watchers.Remove(deployment);
            }
        }
    }

    private void Set(V1Pod pod)
    {
        var name = new PodName(pod.Metadata.Name);
        // A name is given once: what follows the end of its pod is late.
        var before = pods.GetValueOrDefault(name);
        if (before is { GoneAt: not null } && before.Pod.Metadata.Uid == pod.Metadata.Uid)
            return;
        var told = PodReading.Of(pod, before?.Told);
        pods[name] = new(pod, told, null, told.Phase is PodPhase.Ready ? PodReading.Run(pod) : before?.ReadyRun, before?.Heard);
        refused.Remove(name);
    }

    private void SetGone(PodName name, Entry entry)
    {
        var now = time.GetUtcNow();
        pods[name] = entry with { Told = PodReading.Gone(entry.Seen), GoneAt = entry.GoneAt ?? now };
        foreach (var old in pods.Where(pod => now - pod.Value.GoneAt > GoneRetention).Select(pod => pod.Key).ToList())
            pods.Remove(old);
    }

    private void Tell(DeploymentName deployment)
    {
        if (!isKnown || !watchers.TryGetValue(deployment, out var channels))
            return;
        var snapshot = Snapshot(deployment);
        foreach (var channel in channels)
            channel.Writer.TryWrite(snapshot);
    }

    private IReadOnlyList<PodObservation> Snapshot(DeploymentName deployment) =>
        [
            .. pods
                .Values.Select(entry => entry.Seen)
                .Concat(refused.Values)
                .Where(pod => pod.Deployment == deployment)
                .OrderBy(pod => pod.CreatedAt)
                .ThenBy(pod => pod.Name.Value, StringComparer.Ordinal),
        ];

    /// <param name="Pod">The pod as the platform has it.</param>
    /// <param name="Told">The same in our words.</param>
    /// <param name="GoneAt">Since when it is there no more.</param>
    /// <param name="ReadyRun">The run in which the platform has said that it is ready.</param>
    /// <param name="Heard">The run in which it has said so itself, and when.</param>
    private sealed record Entry(
        V1Pod Pod,
        PodObservation Told,
        DateTimeOffset? GoneAt,
        string? ReadyRun,
        (string Run, DateTimeOffset At)? Heard
    )
    {
        public PodObservation Seen =>
            Heard is not { } heard ? Told
            : Told.Phase is PodPhase.Starting && heard.Run != ReadyRun && heard.Run == PodReading.Run(Pod)
                ? PodReading.Ready(Pod, Told, heard.At)
            // It may have ended before the platform could say that it was ready.
            : Told with { ReadyAt = Told.ReadyAt ?? heard.At };
    }
}
