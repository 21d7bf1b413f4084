using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Logs;

/// <summary>How far a pod's lines have come, for a runtime that takes up the reading of a pod where another silo has left it.</summary>
public interface IPodLogProgress
{
    /// <summary>The last line that a pod itself wrote and that its deployment's log has; null where it has none.</summary>
    Task<PodLogMark?> Of(PodName pod, DeploymentName deployment, CancellationToken cancellationToken);
}

/// <summary>A place in what a pod wrote.</summary>
/// <param name="At">The time of the last line, UTC.</param>
/// <param name="Lines">How many lines of that very time there are up to it, 1 or more.</param>
public readonly record struct PodLogMark(DateTimeOffset At, int Lines);
