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

    /// <summary>The route that counts; null where none came.</summary>
    public Route? Route(string deployment) => routes.GetValueOrDefault(deployment);

    public void Busy(PodName pod, int requests) => inFlight[pod] = requests;

    /// <summary>Called with each route that comes.</summary>
    public Action<Route>? Receiving { get; set; }

    /// <summary>From now on it does not say what it has, until what is returned is disposed of.</summary>
    public IDisposable FallSilent()
    {
        var speech = new Speech();
        silence = speech;
        return speech;
    }

    public void Receive(Route route)
    {
        Receiving?.Invoke(route);
        routes.AddOrUpdate(route.Deployment.Value, route, (_, before) => route.Version > before.Version ? route : before);
    }

    public void Waiting(string deployment, int requests) => waiting[deployment] = requests;

    public PodLoad LoadOf(DeploymentName deployment, PodName pod)
    {
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
