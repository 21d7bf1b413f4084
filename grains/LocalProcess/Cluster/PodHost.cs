using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Pods;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>A silo and its pods, as known to the local silo.</summary>
/// <param name="Silo">Address of the silo.</param>
/// <param name="Status">Status of the silo in the cluster membership.</param>
/// <param name="LastReport">Latest pod report of the silo; null before its first report.</param>
/// <param name="IsUnresponsive">Whether the last call to the silo failed.</param>
internal sealed record PodHost(SiloAddress Silo, SiloStatus Status, SiloPods? LastReport = null, bool IsUnresponsive = false)
{
    /// <summary>Whether the silo accepts new pods.</summary>
    public bool AcceptsPods => Status is SiloStatus.Active && LastReport is { IsDraining: false };

    /// <summary>
    /// Whether the silo is active but has not reported its pods yet, so that the pods of the cluster are not fully known.
    /// </summary>
    public bool IsReportPending => Status is SiloStatus.Active && LastReport is null;

    /// <summary>Pods of the silo. If the silo is draining, each pod is marked with <see cref="PodObservation.IsLeaving"/>.</summary>
    public IEnumerable<PodObservation> Pods =>
        LastReport is null ? []
        : LastReport.IsDraining ? LastReport.Pods.Select(pod => pod with { IsLeaving = true })
        : LastReport.Pods;

    /// <summary>Counts the pods that have not ended: those of <paramref name="deployment"/>, or all pods if null.</summary>
    public int CountPods(DeploymentName? deployment = null) =>
        LastReport?.Pods.Count(pod => pod.Phase is not PodPhase.Ended && (deployment is null || pod.Deployment == deployment)) ?? 0;
}
