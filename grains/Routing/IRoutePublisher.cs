using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Routing;

/// <summary>The way from a deployment to the gateways of all silos.</summary>
public interface IRoutePublisher
{
    /// <summary>
    /// Gives a route to every gateway; returns once each has taken it or has missed its time. One that has missed it is told in the log, and gets
    /// the route as soon as it answers.
    /// </summary>
    Task<RouteReceipt> Publish(Route route, CancellationToken cancellationToken);

    /// <summary>
    /// What all gateways together have of a pod now; null where one of them did not say so in time: it may have requests of it. One whose silo is
    /// dead has none.
    /// </summary>
    Task<PodLoad?> LoadOf(DeploymentName deployment, PodName pod, CancellationToken cancellationToken);
}
