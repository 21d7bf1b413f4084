using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Logs;

/// <summary>Where a pod runtime brings what its pods write.</summary>
public interface IPodLogPump
{
    /// <summary>
    /// Carries the lines of one pod to the log of its deployment, as many at once as have come; returns when the last one is there. While the log
    /// cannot be reached it tries again, until <paramref name="cancellationToken"/> or the end of the silo. It does not throw.
    /// Who has the pod carries its lines, and only once: two that did would write each line twice.
    /// </summary>
    Task Carry(PodName pod, DeploymentName deployment, IAsyncEnumerable<PodLogLine> lines, CancellationToken cancellationToken);
}
