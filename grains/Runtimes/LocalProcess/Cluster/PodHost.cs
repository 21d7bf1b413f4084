using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>A silo with its pods, as another one knows it.</summary>
/// <param name="Silo">Which.</param>
/// <param name="Status">What the cluster says of it.</param>
/// <param name="Told">What it told last; null before it told anything.</param>
/// <param name="IsSilent">Whether it did not answer when it was asked last.</param>
internal sealed record PodHost(SiloAddress Silo, SiloStatus Status, SiloPods? Told = null, bool IsSilent = false)
{
    /// <summary>Whether it takes pods.</summary>
    public bool IsOpen => Status is SiloStatus.Active && Told is { IsLeaving: false };

    /// <summary>Whether it would have to be asked before anything can be said about the pods of the cluster.</summary>
    public bool IsUnknown => Status is SiloStatus.Active && Told is null;

    /// <summary>Its pods, those of a silo that leaves marked as such.</summary>
    public IEnumerable<PodObservation> Pods =>
        Told is null ? []
        : Told.IsLeaving ? Told.Pods.Select(pod => pod with { IsLeaving = true })
        : Told.Pods;

    /// <summary>How many pods it has that have not ended.</summary>
    public int Count(DeploymentName? deployment = null) =>
        Told?.Pods.Count(pod => pod.Phase is not PodPhase.Ended && (deployment is null || pod.Deployment == deployment)) ?? 0;
}
