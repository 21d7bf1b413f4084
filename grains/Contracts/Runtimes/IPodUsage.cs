using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Runtimes;

/// <summary>
/// Measures the CPU and memory of pods, if the runtime supports that. Only one silo measures each pod: with local processes the silo that
/// runs the pod; on a platform with a metrics API the silo that queries the API.
/// </summary>
public interface IPodUsage
{
    /// <summary>
    /// Measures each pod that has not ended and that this silo is responsible for. One caller calls this method every few seconds; a call
    /// takes milliseconds.
    /// </summary>
    Task<IReadOnlyList<PodUsage>> Measure(CancellationToken cancellationToken);
}

/// <summary>CPU and memory usage of a pod.</summary>
/// <param name="Deployment">The deployment that owns the pod.</param>
/// <param name="Pod">Name of the pod.</param>
/// <param name="IsReady">Whether the pod is ready.</param>
/// <param name="Cores">
/// Average number of cores used since the previous measurement, or over the short window of the platform's metrics API; null if unknown, as
/// before the second measurement.
/// </param>
/// <param name="MemoryBytes">Memory in use, in bytes; null if unknown.</param>
public sealed record PodUsage(DeploymentName Deployment, PodName Pod, bool IsReady, double? Cores, long? MemoryBytes);
