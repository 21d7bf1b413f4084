using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using Orleans.Services;

namespace DeployCard.Domain.Routing;

/// <summary>Access to the gateway of each silo from any other silo.</summary>
[Alias("gateway-service")]
internal interface IGatewayService : IGrainService
{
    /// <inheritdoc cref="IGateway.ApplyRoute"/>
    Task<long> ApplyRoute(Route route);

    /// <inheritdoc cref="IGateway.GetPodLoad"/>
    Task<PodLoad> GetPodLoad(DeploymentName deployment, PodName pod);
}

/// <inheritdoc cref="IGatewayService"/>
internal sealed class GatewayService(GrainId id, Silo silo, ILoggerFactory loggers, IGateway gateway)
    : GrainService(id, silo, loggers),
        IGatewayService
{
    public Task<long> ApplyRoute(Route route) => Task.FromResult(gateway.ApplyRoute(route));

    public Task<PodLoad> GetPodLoad(DeploymentName deployment, PodName pod) => Task.FromResult(gateway.GetPodLoad(deployment, pod));
}
