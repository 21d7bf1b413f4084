using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Routing;

/// <summary>The gateway of this silo, as grains use it.</summary>
public interface IGateway
{
    /// <summary>
    /// Applies a route unless the gateway already has a newer one. Returns the version that the gateway has afterwards; 0 if it does not
    /// use the deployment.
    /// </summary>
    long ApplyRoute(Route route);

    /// <summary>Returns the current load of a pod at this gateway.</summary>
    PodLoad GetPodLoad(DeploymentName deployment, PodName pod);
}
