using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes;

/// <summary>
/// What pods use of the machine, where their runtime can tell. Each pod is measured by one silo only: with local processes by the silo whose it is; on
/// a platform with a metrics API by whichever silo asks that.
/// </summary>
public interface IPodUsage
{
    /// <summary>Each pod of this silo's that has not ended, as it is now. It takes milliseconds; it is called every few seconds, by one caller.</summary>
    Task<IReadOnlyList<PodUsage>> Measure(CancellationToken cancellationToken);
}

/// <summary>What a pod uses.</summary>
/// <param name="Deployment">Whose it is.</param>
/// <param name="Pod">The pod.</param>
/// <param name="IsReady">Whether it is ready.</param>
/// <param name="Cores">The processors that it used since it was measured before, or over the platform's own short window; null where that cannot be told yet.</param>
/// <param name="MemoryBytes">The memory that it has; null where that cannot be told.</param>
public sealed record PodUsage(DeploymentName Deployment, PodName Pod, bool IsReady, double? Cores, long? MemoryBytes);
