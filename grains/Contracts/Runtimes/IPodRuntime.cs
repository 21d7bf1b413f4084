using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.Contracts.Runtimes;

/// <summary>
/// Runs pods. The number of pods is decided elsewhere; the runtime keeps each started pod running, with restarts after failures, until the
/// pod is stopped. The runtime forwards everything that its pods write to their log (<see cref="Logs.IPodLogForwarder"/>).
/// </summary>
public interface IPodRuntime
{
    /// <summary>
    /// Whether the runtime ends its pods and rejects new ones, because the silo or the whole cluster shuts down. A missing pod is
    /// then expected and must not be replaced.
    /// </summary>
    bool IsShuttingDown { get; }

    /// <summary>
    /// Starts a pod. Returns within a few seconds, once the runtime has accepted the pod; the pod is not ready yet. Does nothing if a pod
    /// of that name exists. If this method throws, the pod may still start. Retry under a new name; a surplus pod shows up in
    /// <see cref="Watch"/> and can be drained.
    /// </summary>
    Task Start(PodSpec pod, CancellationToken cancellationToken);

    /// <summary>
    /// Stops a pod: asks the pod to end and kills all its processes after <paramref name="grace"/>. A repeated call also waits, and can
    /// only shorten the grace period. Returns the final observation once the pod has ended and its last line has been forwarded to its
    /// log; null if there is no such pod.
    /// </summary>
    Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>
    /// Streams all pods of a deployment: the current pods immediately, then all pods again after each change. A slow reader misses
    /// intermediate states, but never the newest one.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken);
}
