using DeployCard.Contracts.Runtimes;

namespace DeployCard.LocalProcess.Pods;

/// <summary>Shuts down the pods that run on this silo.</summary>
public interface ILocalPods : IPodDrain
{
    /// <summary>
    /// Stops all pods that are left after the drain concurrently and rejects new ones. Each pod gets SIGTERM and, after
    /// <paramref name="grace"/>, SIGKILL.
    /// Returns when all pods have ended.
    /// </summary>
    Task StopAll(TimeSpan grace, CancellationToken cancellationToken);
}
