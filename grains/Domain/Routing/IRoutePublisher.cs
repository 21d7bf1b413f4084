using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;

namespace DeployCard.Domain.Routing;

/// <summary>Communication from a deployment to the gateways of all silos.</summary>
public interface IRoutePublisher
{
    /// <summary>
    /// Sends a route to every gateway. Returns after each gateway has acknowledged the route or timed out. A timeout is logged, and sending
    /// the route is retried until the gateway acknowledges it.
    /// </summary>
    Task<RoutePublishResult> Publish(Route route, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the load of a pod over all gateways. Returns null if a gateway did not respond in time, because it may still have requests
    /// for the pod. A gateway whose silo is dead counts as idle.
    /// </summary>
    Task<PodLoad?> GetPodLoad(DeploymentName deployment, PodName pod, CancellationToken cancellationToken);
}
