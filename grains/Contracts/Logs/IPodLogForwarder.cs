using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Contracts.Logs;

/// <summary>Forwards the output of pods from a runtime to the logs of their deployments.</summary>
public interface IPodLogForwarder
{
    /// <summary>
    /// Forwards the lines of one pod to the log of its deployment, in batches, and returns after the last line has arrived. Retries
    /// while the log is unavailable, until <paramref name="cancellationToken"/> is canceled or the silo stops. Does not throw. The silo
    /// that owns the pod must call this once per pod, because concurrent calls would duplicate lines.
    /// </summary>
    Task Forward(PodName pod, DeploymentName deployment, IAsyncEnumerable<PodLogLine> lines, CancellationToken cancellationToken);
}
