using DeployCard.Grains.Pods;
using Orleans.Services;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>
/// Reaches the pods of each silo from any other. Each answer comes within <see cref="SiloPodsService.LongestWait"/>: who waits for more asks again.
/// </summary>
[Alias("silo-pods-service")]
internal interface ISiloPodsService : IGrainService
{
    /// <summary>Takes a pod up and tells what there is with it; null where the silo is leaving and takes none.</summary>
    Task<SiloPods?> Start(PodSpec pod);

    /// <summary>Asks a pod to end, within <paramref name="grace"/>, and waits for it. Asked once more it waits on; the grace does not begin anew.</summary>
    Task<PodEnd> Stop(PodName pod, TimeSpan grace);

    /// <summary>The pods as soon as their version is above <paramref name="after"/>, or as they are when that takes too long. Versions begin at 1.</summary>
    Task<SiloPods> Watch(long after);
}
