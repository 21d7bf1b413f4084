using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Pods;
using Orleans.Services;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>
/// Gives other silos access to the pods of a silo. Each call returns within <see cref="SiloPodsService.MaxWait"/>; a caller that
/// needs to wait longer repeats the call.
/// </summary>
[Alias("silo-pods-service")]
internal interface ISiloPodsService : IGrainService
{
    /// <summary>Starts a pod and returns all pods of the silo, or null if the silo is draining and rejects new pods.</summary>
    Task<SiloPods?> Start(PodSpec pod);

    /// <summary>
    /// Asks a pod to end within <paramref name="grace"/> and waits for its end. A repeated call continues to wait; it does not restart the
    /// grace period.
    /// </summary>
    Task<PodStopResult> Stop(PodName pod, TimeSpan grace);

    /// <summary>
    /// Waits until the version of the pods exceeds <paramref name="afterVersion"/> and returns all pods of the silo. If that takes too
    /// long, returns the current pods. Versions start at 1.
    /// </summary>
    Task<SiloPods> Watch(long afterVersion);
}
