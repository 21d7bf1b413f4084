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
    private readonly ManualResetEventSlim thawed = new(initialState: true);

    /// <summary>The route that counts; null where none came.</summary>
    public Route? Route(string deployment) => routes.GetValueOrDefault(deployment);

    public void Busy(PodName pod, int requests) => inFlight[pod] = requests;

    /// <summary>Has it take no route, as a process that stands still, until what is returned is disposed of.</summary>
    public IDisposable Freeze()
    {
        thawed.Reset();
        return new Thaw(thawed);
    }

    public long Receive(Route route)
    {
        thawed.Wait();
        return Keep(route).Version;
    }

    public void Waiting(string deployment, int requests) => waiting[deployment] = requests;

    public PodLoad LoadOf(DeploymentName deployment, PodName pod) => new(inFlight.GetValueOrDefault(pod), waiting.GetValueOrDefault(deployment.Value));

    private Route Keep(Route route) =>
        routes.AddOrUpdate(
            route.Deployment.Value, route,
            (_, before) => route.Version <= before.Version ? before : route.ArePodsKnown ? route : route with { Pods = before.Pods });

    private sealed class Thaw(ManualResetEventSlim thawed) : IDisposable
    {
        public void Dispose() => thawed.Set();
    }
}
