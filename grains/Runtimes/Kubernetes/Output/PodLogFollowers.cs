using System.Collections.Concurrent;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>
/// Has the output of pods carried to their log. It is done where the pods are watched, by the silo of their deployment, for as long as they are:
/// there is only one, and the next one goes on where this one ends.
/// </summary>
internal sealed class PodLogFollowers(PodLogReader reader, PodTable table, IPodLogPump pump, TimeProvider time)
{
    /// <summary>How long a connection may stay open after the pod has gone.</summary>
    public static readonly TimeSpan LastLineLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<PodName, Following> followed = new();

    /// <summary>Follows those of a deployment's pods that are not followed yet, and those that have gone not for long any more.</summary>
    /// <param name="pods">The deployment's pods.</param>
    /// <param name="watch">The end of the watch.</param>
    public void Follow(IReadOnlyList<PodObservation> pods, CancellationToken watch)
    {
        foreach (var pod in pods)
        {
            var before = followed.GetValueOrDefault(pod.Name);
            if (pod.Phase is PodPhase.Ended)
                before?.EndSoon(time);
            else if (
                (before is null || before.Watch.IsCancellationRequested)
                && table.Find(pod.Name) is { } there
                && PodReading.HasRun(there.Pod)
            )
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
                await pump.Carry(pod.Name, pod.Deployment, reader.Read(pod.Name, pod.Deployment, following.Gone, watch), watch);
                followed.TryRemove(new KeyValuePair<PodName, Following>(pod.Name, following));
                following.Dispose();
            },
            CancellationToken.None
        );
        return following;
    }

    private sealed class Following(CancellationToken watch) : IDisposable
    {
        private readonly CancellationTokenSource gone = new();
        private ITimer? last;

        public CancellationToken Watch => watch;

        public CancellationToken Gone => gone.Token;

        public Task Task { get; set; } = Task.CompletedTask;

        public void EndSoon(TimeProvider time) =>
            last ??= time.CreateTimer(_ => gone.Cancel(), null, LastLineLimit, Timeout.InfiniteTimeSpan);

        /// <summary>The source has nothing to free; its timer may be at work still.</summary>
        public void Dispose() => last?.Dispose();
    }
}
