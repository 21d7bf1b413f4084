using System.Collections.Concurrent;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Pods;

namespace DeployCard.Kubernetes.Output;

/// <summary>
/// Forwards the output of pods to the log of their deployment, while this silo watches the pods. When another silo takes over the watch,
/// that silo resumes after the last line in the log.
/// </summary>
internal sealed class PodLogFollowers(PodLogReader reader, PodTable table, IPodLogForwarder forwarder, TimeProvider time)
{
    /// <summary>Maximum time that a connection stays open after its pod was removed.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<PodName, Following> followed = new();

    /// <summary>
    /// Begins to follow the pods of a deployment that are not followed yet. Stops following a removed pod after <see cref="DrainTimeout"/>.
    /// </summary>
    /// <param name="pods">The pods of the deployment.</param>
    /// <param name="watch">Token that is canceled when the watch ends; the pods are then no longer followed.</param>
    public void Follow(IReadOnlyList<PodObservation> pods, CancellationToken watch)
    {
        foreach (var pod in pods)
        {
            var before = followed.GetValueOrDefault(pod.Name);
            if (pod.Phase is PodPhase.Ended)
                before?.EndSoon(time);
            else if (
                (before is null || before.Watch.IsCancellationRequested)
                && table.Find(pod.Name) is { } known
                && ServingContainerStatus.HasEverRun(known.Pod)
            )
                followed[pod.Name] = Begin(pod, before?.Task ?? Task.CompletedTask, watch);
        }
    }

    /// <summary>Returns a task that completes when all output of a pod is in its log.</summary>
    public Task WaitForCompletion(PodName pod) => followed.GetValueOrDefault(pod)?.Task ?? Task.CompletedTask;

    private Following Begin(PodObservation pod, Task before, CancellationToken watch)
    {
        var following = new Following(watch);
        following.Task = Task.Run(
            async () =>
            {
                // An earlier watch may still be forwarding its last lines.
                await before;
                await forwarder.Forward(pod.Name, pod.Deployment, reader.Read(pod.Name, pod.Deployment, following.Removed, watch), watch);
                followed.TryRemove(new KeyValuePair<PodName, Following>(pod.Name, following));
                following.Dispose();
            },
            CancellationToken.None
        );
        return following;
    }

    private sealed class Following(CancellationToken watch) : IDisposable
    {
        private readonly CancellationTokenSource removed = new();
        private ITimer? timer;

        public CancellationToken Watch => watch;

        public CancellationToken Removed => removed.Token;

        public Task Task { get; set; } = Task.CompletedTask;

        public void EndSoon(TimeProvider time) =>
            timer ??= time.CreateTimer(_ => removed.Cancel(), null, DrainTimeout, Timeout.InfiniteTimeSpan);

        /// <summary>Disposes the timer only: its callback may still use the token source, which holds no resources.</summary>
        public void Dispose() => timer?.Dispose();
    }
}
