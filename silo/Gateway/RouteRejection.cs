using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>Determines the problem to respond with if a route accepts no requests.</summary>
internal static class RouteRejection
{
    /// <summary>Delay to send in <c>Retry-After</c> if the time of the next pod start is unknown.</summary>
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>Returns the problem if the route accepts no requests at all; otherwise null.</summary>
    public static GatewayProblem? For(Route route) =>
        route.State switch
        {
            RouteState.Stopped => DeploymentProblems.Stopped(route.Deployment.Value),
            RouteState.Deleted => DeploymentProblems.Deleted(route.Deployment.Value),
            RouteState.Missing => DeploymentProblems.NotFound(route.Deployment.Value),
            _ => null,
        };

    /// <summary>
    /// Returns the problem if waiting for a pod is pointless, because all pods have failed and the next start is in the future; otherwise
    /// null. Requests then fail immediately with the reason instead of waiting until their timeout. While a pod is starting, requests wait
    /// for it.
    /// </summary>
    public static GatewayProblem? ForWaiting(Route route, DateTimeOffset now) =>
        route is { RetryAt: { } at, Failure: { } failure, Pods.Count: 0 } && at > now
            ? PodProblems.Failed(
                failure.Message,
                failure.LastLines.Count > 0 ? failure.LastLines[^1] : null,
                RetryTime.GetRemaining(at, now) ?? DefaultRetryAfter
            )
            : null;
}
