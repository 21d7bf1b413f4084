using System.Collections.Concurrent;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>
/// Has the output of pods carried to their log. It is done where the pods are watched, by the silo of their deployment, for as long as they are:
/// there is only one, and the next one goes on where this one ends.
/// </summary>
internal sealed class PodLogFollowers(PodLogReader reader, PodTable table, IPodLogPump pump)
{
    private readonly ConcurrentDictionary<PodName, Following> followed = new();

    /// <summary>Follows those of a deployment's pods that are not followed yet.</summary>
    /// <param name="pods">The deployment's pods.</param>
    /// <param name="watch">The end of the watch.</param>
    public void Follow(IReadOnlyList<PodObservation> pods, CancellationToken watch)
    {
        foreach (var pod in pods.Where(pod => pod.Phase is not PodPhase.Gone && table.Find(pod.Name) is { } there && PodReading.HasRun(there.Pod)))
        {
            var before = followed.GetValueOrDefault(pod.Name);
            if (before is null || before.Watch.IsCancellationRequested)
                followed[pod.Name] = Begin(pod, before?.Task ?? Task.CompletedTask, watch);
        }
    }

    /// <summary>Completes when what a pod wrote is in its log.</summary>
    public Task Done(PodName pod) => followed.GetValueOrDefault(pod)?.Task ?? Task.CompletedTask;

    private Following Begin(PodObservation pod, Task before, CancellationToken watch)
    {
        var following = new Following(watch);
        following.Task = Task.Run(
            async () =>
            {
                // Of a watch before this one that is still at its last lines.
                await before;
                await pump.Carry(pod.Name, pod.Deployment, reader.Read(pod.Name, pod.Deployment, watch), watch);
                followed.TryRemove(new KeyValuePair<PodName, Following>(pod.Name, following));
            },
            CancellationToken.None);
        return following;
    }

    private sealed class Following(CancellationToken watch)
    {
        public CancellationToken Watch => watch;

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
