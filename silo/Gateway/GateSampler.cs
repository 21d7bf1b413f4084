using DeployCard.Contracts.Monitoring;

namespace DeployCard.Gateway;

/// <summary>Samples the number of requests in flight and of waiting requests for each deployment in use.</summary>
internal sealed class GateSampler(RouteTable routes) : ITrafficSampler
{
    public Task Sample(CancellationToken cancellationToken)
    {
        foreach (var gate in routes.Gates)
            gate.Traffic.RecordLoad(gate.InFlight, gate.Waiting);
        return Task.CompletedTask;
    }
}
