using System.Collections.Concurrent;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;

namespace DeployCard.Tests.Support;

/// <summary>A double of a silo's gateway: it keeps the routes that it is given, as the real one does, and has the requests that the test says.</summary>
public sealed class RecordingGateway : IGateway
{
    private readonly ConcurrentDictionary<string, Route> routes = new();
    private readonly ConcurrentDictionary<PodName, int> inFlight = new();
    private readonly ConcurrentDictionary<string, int> waiting = new();
    private volatile Speech? silence;
    private volatile string? silentOf;
    private volatile Speech? frozen;

    /// <summary>Called with each route that comes.</summary>
    public Action<Route>? Receiving { get; set; }

    /// <summary>The route that counts; null where none came.</summary>
    public Route? Route(string deployment) => routes.GetValueOrDefault(deployment);

    public void Busy(PodName pod, int requests) => inFlight[pod] = requests;

    public void Waiting(string deployment, int requests) => waiting[deployment] = requests;

    /// <summary>
    /// From now on it does not say what it has of a deployment, and once it was asked nothing to anybody, until what is returned is disposed of. Of
    /// others it must: those of other tests ask all the while, and it would take no route any more.
    /// </summary>
    public IDisposable FallSilent(string deployment)
    {
        silentOf = deployment;
        return silence = new();
    }

    /// <summary>Has it take no route, as a process that stands still, until what is returned is disposed of.</summary>
    public IDisposable Freeze() => frozen = new();

    public long Receive(Route route)
    {
        frozen?.Wait();
        Receiving?.Invoke(route);
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

    public PodLoad LoadOf(DeploymentName deployment, PodName pod)
    {
        if (deployment.Value == silentOf)
            silence?.Wait();
        return new(inFlight.GetValueOrDefault(pod), waiting.GetValueOrDefault(deployment.Value));
    }

    private sealed class Speech : IDisposable
    {
        private readonly TaskCompletionSource begun = new();

        public void Wait() => begun.Task.Wait();

        public void Dispose() => begun.TrySetResult();
    }
}
