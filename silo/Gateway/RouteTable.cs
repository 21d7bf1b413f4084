using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>
/// In-memory table of the routes that this gateway uses. A route is fetched from its deployment at its first use; later versions are pushed
/// by the deployment. Unknown names are not cached, so that requests for them cost no memory.
/// </summary>
/// <param name="fetchRoute">Fetches the route of a deployment.</param>
/// <param name="traffic">Traffic counters of all deployments.</param>
/// <param name="time">Clock that the gates use.</param>
internal sealed class RouteTable(Func<DeploymentName, Task<Route>> fetchRoute, TrafficRegistry traffic, TimeProvider time) : IGateway
{
    private readonly ConcurrentDictionary<string, DeploymentGate> gates = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<DeploymentGate?>>> loading = new();

    // If the channel is full, the notification is dropped: the next periodic report, at most a second later, replaces it.
    private readonly Channel<DeploymentGate> waits = Channel.CreateBounded<DeploymentGate>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait }
    );

    /// <summary>Gates of all deployments in use.</summary>
    public IEnumerable<DeploymentGate> Gates => gates.Values;

    /// <summary>Gates at which a request has begun to wait. A gate is queued at most once until its notification is handled.</summary>
    public ChannelReader<DeploymentGate> WaitNotifications => waits.Reader;

    /// <summary>Returns the gate of a deployment if it is in use and has a route.</summary>
    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out DeploymentGate? gate) =>
        gates.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out gate) && gate.Current is not null;

    /// <summary>Returns the gate of a deployment, with a route; null if there is no such deployment.</summary>
    public ValueTask<DeploymentGate?> Find(string name) => TryFind(name, out var gate) ? new(gate) : new(Load(name));

    /// <summary>Fetches the route of a deployment in use again and applies it.</summary>
    public async Task Refresh(DeploymentGate gate) => ApplyRoute(await fetchRoute(gate.Name));

    /// <inheritdoc/>
    public long ApplyRoute(Route route)
    {
        if (!gates.TryGetValue(route.Deployment.Value, out var gate))
            return 0;
        gate.Apply(route);
        if (route.State is RouteState.Missing)
            gates.TryRemove(new(route.Deployment.Value, gate));
        return gate.Current?.Route.Version ?? 0;
    }

    /// <inheritdoc/>
    public PodLoad GetPodLoad(DeploymentName deployment, PodName pod) =>
        gates.TryGetValue(deployment.Value, out var gate) ? new(gate.GetInFlight(pod), gate.Waiting) : default;

    /// <summary>Fetches the route of a deployment that is not in use yet. Returns null if there is no such deployment.</summary>
    public async Task<DeploymentGate?> Load(string text)
    {
        if (!DeploymentName.TryParse(text, out var name))
            return null;
        try
        {
            // Concurrent requests share one fetch.
            return await loading.GetOrAdd(text, _ => new(() => LoadOnce(name))).Value;
        }
        finally
        {
            loading.TryRemove(text, out _);
        }
    }

    /// <summary>Notifies the load reporter of waiting requests. Waits that begin while a notification is pending share it.</summary>
    private void NotifyWaiting(DeploymentGate gate)
    {
        if (gate.WaitNotification.TryBegin() && !waits.Writer.TryWrite(gate))
            gate.WaitNotification.End();
    }

    private async Task<DeploymentGate?> LoadOnce(DeploymentName name)
    {
        // Added to the table before the fetch, so that a route pushed during the fetch is not missed.
        var gate = gates.GetOrAdd(name.Value, _ => new(name, traffic.For(name), NotifyWaiting, time));
        try
        {
            ApplyRoute(await fetchRoute(name));
        }
        catch when (gate.Current is null)
        {
            gates.TryRemove(new(name.Value, gate));
            throw;
        }

        return gate.Current?.Route.State is RouteState.Missing ? null : gate;
    }
}
