using System.Runtime.CompilerServices;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Output;
using DeployCard.Kubernetes.Pods;
using DeployCard.Kubernetes.Readiness;
using DeployCard.Kubernetes.Settings;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Hosting;

/// <summary>
/// Runs pods on Kubernetes. The README of this project explains why they have no ReplicaSet, and which class writes which state.
/// </summary>
internal sealed partial class KubernetesRuntime(
    PodApi api,
    PodTable table,
    RejectedPodRetrier rejected,
    PodLogFollowers logs,
    StartupProber probes,
    KubernetesImageCatalog images,
    IOptions<KubernetesOptions> options,
    TimeProvider time,
    ILogger<KubernetesRuntime> logger
) : IPodRuntime
{
    // Finds removals that the watch missed.
    private static readonly TimeSpan EndPoll = TimeSpan.FromSeconds(5);

    // An unavailable log must not block the stop of a pod forever.
    private static readonly TimeSpan LastLineLimit = PodLogFollowers.DrainTimeout + TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MinGrace = TimeSpan.FromSeconds(1);

    /// <summary>Always false, because Kubernetes pods keep running when silos shut down.</summary>
    public bool IsShuttingDown => false;

    public async Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        if (table.Find(pod.Name) is not null)
            return;
        try
        {
            await Create(pod, cancellationToken);
            LogPodCreated(logger, pod.Name, pod.Deployment, pod.Image);
        }
        catch (PodRejectedException e)
        {
            // Not rethrown: the rejection is shown on the card as the failure of the pod, and the creation is retried.
            rejected.Add(pod, e, token => Create(pod, token));
        }
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        var dropped = rejected.Remove(pod);
        if (await api.Find(pod.Value, cancellationToken) is not { } existing || !api.IsManaged(existing))
            return table.Find(pod) is { } known ? PodStatusMapper.ToRemoved(known.Observation)
                : dropped is null ? null
                : PodStatusMapper.ToRemoved(dropped);
        await Delete(existing, grace, cancellationToken);
        await WaitUntilRemoved(existing, cancellationToken);
        await logs.WaitForCompletion(pod)
            .WaitAsync(LastLineLimit, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return PodStatusMapper.ToRemoved(table.Find(pod)?.Observation ?? PodStatusMapper.ToObservation(existing));
    }

    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await foreach (var pods in table.Watch(deployment, cancellationToken))
            {
                logs.Follow(pods, end.Token);
                probes.ProbeStartingPods(pods, end.Token);
                yield return pods;
            }
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    private async Task Create(PodSpec pod, CancellationToken cancellationToken)
    {
        var image =
            images.Resolve(pod.Image)
            ?? throw new PodRejectedException(
                PodReasons.ImageUnavailable,
                $"Image '{pod.Image}' is neither in Kubernetes:Images nor an allowed image reference."
            );
        await api.Apply(PodManifest.For(pod, image, options.Value, await api.GetPodOwner(cancellationToken)), cancellationToken);
    }

    /// <summary>
    /// Requests the deletion of a pod. A running deletion can only be shortened, and a pod that has ended needs no grace period.
    /// </summary>
    private async Task Delete(V1Pod pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        // With a grace period of zero the object is removed immediately, and the end of the container is not observable.
        var period =
            pod.Status?.Phase is "Failed" or "Succeeded" ? TimeSpan.Zero
            : grace > MinGrace ? grace
            : MinGrace;
        if (pod.Metadata.DeletionTimestamp is null || period < TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0))
            await api.Delete(pod, period, cancellationToken);
    }

    private async Task WaitUntilRemoved(V1Pod pod, CancellationToken cancellationToken)
    {
        var name = new PodName(pod.Metadata.Name);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var seen = WaitUntilSeenRemoved(name, PodLabels.GetDeployment(pod), done.Token);
        try
        {
            do await Task.WhenAny(seen, Task.Delay(EndPoll, time, done.Token));
            while (!seen.IsCompleted && (await api.Find(name.Value, cancellationToken))?.Metadata.Uid == pod.Metadata.Uid);
        }
        finally
        {
            await done.CancelAsync();
        }
    }

    private async Task WaitUntilSeenRemoved(PodName pod, DeploymentName deployment, CancellationToken cancellationToken)
    {
        // A pod missing from the table may be too new for it. Only an explicit end counts.
        await foreach (var pods in table.Watch(deployment, cancellationToken))
        {
            if (pods.Any(seen => seen.Name == pod && seen.Phase is PodPhase.Ended))
                return;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pod {Pod} of deployment {Deployment} was created from image {Image}")]
    private static partial void LogPodCreated(ILogger logger, PodName pod, DeploymentName deployment, string image);
}
