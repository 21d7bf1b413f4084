using System.Runtime.CompilerServices;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes.Images;
using DeployCard.Grains.Runtimes.Kubernetes.Output;
using DeployCard.Grains.Runtimes.Kubernetes.Readiness;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>Runs pods on Kubernetes. Why they are bare pods, and who writes what, stands in the folder's README.</summary>
internal sealed partial class KubernetesRuntime(
    PodApi api,
    PodTable table,
    RefusedPods refused,
    PodLogFollowers logs,
    StartProbes probes,
    KubernetesImageCatalog images,
    IOptions<KubernetesOptions> options,
    TimeProvider time,
    ILogger<KubernetesRuntime> logger
) : IPodRuntime
{
    // An end that the watch has missed is found by asking.
    private static readonly TimeSpan EndPoll = TimeSpan.FromSeconds(5);

    // A log that cannot be reached must not hold the end of a pod up for ever.
    private static readonly TimeSpan LastLineLimit = PodLogFollowers.LastLineLimit + TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ShortestGrace = TimeSpan.FromSeconds(1);

    /// <summary>Pods outlive the silos.</summary>
    public bool IsEnding => false;

    public async Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        if (table.Find(pod.Name) is not null)
            return;
        try
        {
            await Make(pod, cancellationToken);
            LogStarted(logger, pod.Name, pod.Deployment, pod.Image);
        }
        catch (PodRefusedException e)
        {
            // Thrown, nobody would see it: it is the pod's failure, which the card shows, and is tried again with pauses.
            refused.Keep(pod, e, token => Make(pod, token));
        }
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        var dropped = refused.Drop(pod);
        if (await api.Read(pod.Value, cancellationToken) is not { } there || !api.IsOurs(there))
            return table.Find(pod) is { } known ? PodReading.Gone(known.Seen)
                : dropped is null ? null
                : PodReading.Gone(dropped);
        await Ask(there, grace, cancellationToken);
        await UntilGone(there, cancellationToken);
        await logs.Done(pod).WaitAsync(LastLineLimit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return PodReading.Gone(table.Find(pod)?.Seen ?? PodReading.Of(there));
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
                probes.Follow(pods, end.Token);
                yield return pods;
            }
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    private async Task Make(PodSpec pod, CancellationToken cancellationToken)
    {
        var image =
            images.Resolve(pod.Image)
            ?? throw new PodRefusedException(PodReasons.ImageUnavailable, $"There is no image '{pod.Image}' in the settings any more.");
        await api.Apply(PodManifest.For(pod, image, options.Value, await api.Owner(cancellationToken)), cancellationToken);
    }

    /// <summary>A grace is only ever made shorter; one that has ended has nothing left to do in it.</summary>
    private async Task Ask(V1Pod pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        // Without any grace the object would go at once, and nobody would know when its container does.
        var wanted =
            pod.Status?.Phase is "Failed" or "Succeeded" ? TimeSpan.Zero
            : grace > ShortestGrace ? grace
            : ShortestGrace;
        if (pod.Metadata.DeletionTimestamp is null || wanted < TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0))
            await api.Delete(pod, wanted, cancellationToken);
    }

    private async Task UntilGone(V1Pod pod, CancellationToken cancellationToken)
    {
        var name = new PodName(pod.Metadata.Name);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var seen = SeenGone(name, PodLabels.DeploymentOf(pod), done.Token);
        try
        {
            do await Task.WhenAny(seen, Task.Delay(EndPoll, time, done.Token));
            while (!seen.IsCompleted && (await api.Read(name.Value, cancellationToken))?.Metadata.Uid == pod.Metadata.Uid);
        }
        finally
        {
            await done.CancelAsync();
        }
    }

    private async Task SeenGone(PodName pod, DeploymentName deployment, CancellationToken cancellationToken)
    {
        // The table may not have heard of a pod yet that was only just made: it is gone once that is said, not while nothing is.
        await foreach (var pods in table.Watch(deployment, cancellationToken))
        {
            if (pods.Any(seen => seen.Name == pod && seen.Phase is PodPhase.Ended))
                return;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pod {Pod} of deployment {Deployment} was made from image {Image}")]
    private static partial void LogStarted(ILogger logger, PodName pod, DeploymentName deployment, string image);
}
