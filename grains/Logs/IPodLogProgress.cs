using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Logs;

/// <summary>How far a pod's lines have come, for a runtime that takes up the reading of a pod where another silo has left it.</summary>
public interface IPodLogProgress
{
    /// <summary>
    /// The times of the last lines that a pod itself wrote and that its deployment's log has, UTC, in the order of the lines, at most
    /// <paramref name="most"/>; none where it has none.
    /// </summary>
    Task<IReadOnlyList<DateTimeOffset>> Of(PodName pod, DeploymentName deployment, int most, CancellationToken cancellationToken);
}
