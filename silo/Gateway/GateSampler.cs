using DeployCard.Grains.Monitoring;

namespace DeployCard.Silo.Gateway;

/// <summary>Notes how many requests are at pods and how many wait for one.</summary>
internal sealed class GateSampler(RouteTable routes) : ITrafficSampler
{
    public Task Sample(CancellationToken cancellationToken)
    {
        foreach (var gate in routes.Gates)
            gate.Traffic.Has(gate.InFlight, gate.Waiting);
        return Task.CompletedTask;
    }
}
