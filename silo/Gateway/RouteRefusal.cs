using DeployCard.Grains.Deployments;
using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>Why a route lets no request through.</summary>
internal static class RouteRefusal
{
    /// <summary>When to come again where it is not known when pods are tried again.</summary>
    private static readonly TimeSpan UnknownPause = TimeSpan.FromSeconds(10);

    /// <summary>Why it takes none at all; null where it does.</summary>
    public static GatewayProblem? Of(Route route) =>
        route.State switch
        {
            RouteState.Stopped => GatewayProblem.Stopped(route.Deployment.Value),
            RouteState.Deleted => GatewayProblem.Deleted(route.Deployment.Value),
            RouteState.Missing => GatewayProblem.NotFound(route.Deployment.Value),
            _ => null,
        };

    /// <summary>
    /// Why there is no use in waiting for its pods: all have failed and none starts now. That is told at once, with the reason, and not at the
    /// end of everybody's time. While one starts again, those who come wait for how that ends.
    /// </summary>
    public static GatewayProblem? OfWaiting(Route route, DateTimeOffset now) =>
        route is { RetryAt: { } at, Failure: { } failure, Pods.Count: 0 } && at > now
            ? GatewayProblem.PodFailed(
                failure.Message,
                failure.LastLines.Count > 0 ? failure.LastLines[^1] : null,
                RetryTime.Left(at, now) ?? UnknownPause
            )
            : null;
}
