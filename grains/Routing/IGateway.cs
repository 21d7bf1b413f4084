using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Routing;

/// <summary>The gateway of this silo, as the domain sees it.</summary>
public interface IGateway
{
    /// <summary>Takes a route. An older one than it has changes nothing.</summary>
    void Receive(Route route);

    /// <summary>How many requests of this gateway a pod has now.</summary>
    int InFlight(DeploymentName deployment, PodName pod);
}
