using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Routing;

/// <summary>The gateway of this silo, as the domain sees it.</summary>
public interface IGateway
{
    /// <summary>Takes a route. An older one than it has changes nothing. Returns the version that it has now, 0 where it uses none.</summary>
    long Receive(Route route);

    /// <summary>What this gateway has of a pod now.</summary>
    PodLoad LoadOf(DeploymentName deployment, PodName pod);
}
