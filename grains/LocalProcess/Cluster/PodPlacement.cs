using DeployCard.Contracts.Names;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>
/// Chooses the silo for a new pod. Silos with the fewest pods of the deployment come first, so that the loss of one silo affects as few of
/// these pods as possible. Equal silos are ordered by their total number of pods, and then the local silo comes first. Unresponsive silos
/// come last.
/// </summary>
internal static class PodPlacement
{
    /// <summary>Returns the silos that accept new pods, the preferred one first.</summary>
    public static IReadOnlyList<SiloAddress> RankSilos(DeploymentName deployment, IEnumerable<PodHost> hosts, SiloAddress local) =>
        [
            .. from host in hosts
            where host.AcceptsPods
            orderby host.IsUnresponsive, host.CountPods(deployment), host.CountPods(), !host.Silo.Equals(local), host.Silo
            select host.Silo,
        ];
}
