using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// The routes that this gateway uses, in memory. A route is asked for at its first use; from then on the deployment pushes it.
/// Names that no deployment has are not remembered, so that asking for them costs no memory.
/// </summary>
/// <param name="ask">Asks a deployment for its route.</param>
/// <param name="traffic">Where requests are counted.</param>
/// <param name="time">The clock.</param>
internal sealed class RouteTable(Func<DeploymentName, Task<Route>> ask, TrafficBook traffic, TimeProvider time) : IGateway
{
    private readonly ConcurrentDictionary<string, DeploymentGate> gates = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<DeploymentGate?>>> loading = new();

    // When it is full, enough deployments are about to be told; the others are with the next second.
    private readonly Channel<DeploymentGate> waits = Channel.CreateBounded<DeploymentGate>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait }
    );

    /// <summary>The gates in use.</summary>
    public IEnumerable<DeploymentGate> Gates => gates.Values;

    /// <summary>The gates at which a request has begun to wait, one for each time.</summary>
    public ChannelReader<DeploymentGate> Waits => waits.Reader;

    /// <summary>The gate of a deployment in use, with a route.</summary>
    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out DeploymentGate? gate) =>
        gates.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out gate) && gate.Current is not null;

    /// <summary>The gate of a deployment, with a route; null where there is no such deployment.</summary>
    public ValueTask<DeploymentGate?> Find(string name) => TryFind(name, out var gate) ? new(gate) : new(Load(name));

    /// <summary>Asks the deployment for its route once more.</summary>
    public async Task Refresh(DeploymentGate gate) => Receive(await ask(gate.Name));

    /// <inheritdoc/>
    public long Receive(Route route)
    {
        if (!gates.TryGetValue(route.Deployment.Value, out var gate))
            return 0;
        gate.Take(route);
        if (route.State is RouteState.Missing)
            gates.TryRemove(new(route.Deployment.Value, gate));
        return gate.Current?.Route.Version ?? 0;
    }

    /// <inheritdoc/>
    public PodLoad LoadOf(DeploymentName deployment, PodName pod) =>
        gates.TryGetValue(deployment.Value, out var gate) ? new(gate.InFlightOf(pod), gate.Waiting) : default;

    /// <summary>The gate of a deployment that is not in use yet; null where there is no such deployment.</summary>
    public async Task<DeploymentGate?> Load(string text)
    {
        if (!DeploymentName.TryParse(text, out var name))
            return null;
        try
        {
            // One question for however many requests come at once.
            return await loading.GetOrAdd(text, _ => new(() => LoadOnce(name))).Value;
        }
        finally
        {
            loading.TryRemove(text, out _);
        }
    }

    /// <summary>Once for however many begin to wait at a time.</summary>
    private void Tell(DeploymentGate gate)
    {
        if (gate.BeginTelling() && !waits.Writer.TryWrite(gate))
            gate.Telling();
    }

    private async Task<DeploymentGate?> LoadOnce(DeploymentName name)
    {
        // In the table before the question: a route that is pushed while the answer is on its way must not be missed.
        var gate = gates.GetOrAdd(name.Value, _ => new(name, traffic.Of(name), Tell, time));
        try
        {
            Receive(await ask(name));
        }
        catch when (gate.Current is null)
        {
            gates.TryRemove(new(name.Value, gate));
            throw;
        }

        return gate.Current?.Route.State is RouteState.Missing ? null : gate;
    }
}
