using System.Collections.Concurrent;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;

namespace DeployCard.Tests.Support;

/// <summary>
/// Test double of a silo's gateway: stores the routes it receives, like a real gateway, and reports the load set by the test.
/// </summary>
public sealed class RecordingGateway : IGateway
{
    private readonly ConcurrentDictionary<string, Route> routes = new();
    private readonly ConcurrentDictionary<PodName, int> inFlight = new();
    private readonly ConcurrentDictionary<string, int> waiting = new();
    private volatile Blocker? loadBlocker;
    private volatile string? blockedDeployment;
    private volatile Blocker? routeBlocker;

    /// <summary>Called with each received route.</summary>
    public Action<Route>? OnReceive { get; set; }

    /// <summary>Returns the current route of a deployment, or null if no route was received.</summary>
    public Route? Route(string deployment) => routes.GetValueOrDefault(deployment);

    public void SetInFlight(PodName pod, int requests) => inFlight[pod] = requests;

    public void SetWaiting(string deployment, int requests) => waiting[deployment] = requests;

    /// <summary>
    /// Blocks the load report of a deployment until the returned object is disposed. Once that report is requested, the gateway responds
    /// to no request. Requests for other deployments do not block: deployments of other tests request their load continually, and the
    /// gateway would then accept no routes.
    /// </summary>
    public IDisposable BlockLoadReport(string deployment)
    {
        blockedDeployment = deployment;
        return loadBlocker = new();
    }

    /// <summary>Blocks the receipt of routes, like a suspended process, until the returned object is disposed.</summary>
    public IDisposable BlockRoutes() => routeBlocker = new();

    public long ApplyRoute(Route route)
    {
        routeBlocker?.Wait();
        OnReceive?.Invoke(route);
        return routes
            .AddOrUpdate(
                route.Deployment.Value,
                route,
                (_, before) =>
                    route.Version <= before.Version ? before
                    : route.ArePodsKnown ? route
                    : route with { Pods = before.Pods }
            )
            .Version;
    }

    public PodLoad GetPodLoad(DeploymentName deployment, PodName pod)
    {
        if (deployment.Value == blockedDeployment)
            loadBlocker?.Wait();
        return new(inFlight.GetValueOrDefault(pod), waiting.GetValueOrDefault(deployment.Value));
    }

    private sealed class Blocker : IDisposable
    {
        private readonly TaskCompletionSource released = new();

        public void Wait() => released.Task.Wait();

        public void Dispose() => released.TrySetResult();
    }
}
