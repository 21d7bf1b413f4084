using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.Contracts.Runtimes;

/// <summary>Creates the snapshots that <see cref="IPodRuntime.Watch"/> streams, in the same order for all runtimes.</summary>
public static class PodSnapshot
{
    /// <summary>Returns the pods of a deployment: the oldest first, and pods of the same age by name.</summary>
    /// <param name="deployment">Deployment of the pods.</param>
    /// <param name="pods">Pods of any deployments, in any order.</param>
    public static IReadOnlyList<PodObservation> Create(DeploymentName deployment, IEnumerable<PodObservation> pods) =>
        [
            .. pods.Where(pod => pod.Deployment == deployment)
                .OrderBy(pod => pod.CreatedAt)
                .ThenBy(pod => pod.Name.Value, StringComparer.Ordinal),
        ];
}
