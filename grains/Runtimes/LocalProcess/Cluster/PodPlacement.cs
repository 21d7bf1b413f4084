using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>
/// Where a pod goes: away from the others of its deployment, so that the end of one silo takes as few of them as can be, then where there are the
/// fewest at all, then to the own silo. One that did not answer of late is the last choice.
/// </summary>
internal static class PodPlacement
{
    /// <summary>The silos that take a pod, the best one first.</summary>
    public static IReadOnlyList<SiloAddress> For(DeploymentName deployment, IEnumerable<PodHost> hosts, SiloAddress own) =>
        [
            .. from host in hosts
            where host.IsOpen
            orderby host.IsSilent, host.Count(deployment), host.Count(), !host.Silo.Equals(own), host.Silo
            select host.Silo,
        ];
}
