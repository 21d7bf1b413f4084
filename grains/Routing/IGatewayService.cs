using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using Orleans.Services;

namespace DeployCard.Grains.Routing;

/// <summary>Reaches the gateway of each silo from any other.</summary>
[Alias("gateway-service")]
internal interface IGatewayService : IGrainService
{
    /// <inheritdoc cref="IGateway.Receive"/>
    Task<long> Receive(Route route);

    /// <inheritdoc cref="IGateway.LoadOf"/>
    Task<PodLoad> LoadOf(DeploymentName deployment, PodName pod);
}

/// <inheritdoc cref="IGatewayService"/>
internal sealed class GatewayService(GrainId id, Silo silo, ILoggerFactory loggers, IGateway gateway)
    : GrainService(id, silo, loggers),
        IGatewayService
{
    public Task<long> Receive(Route route) => Task.FromResult(gateway.Receive(route));

    public Task<PodLoad> LoadOf(DeploymentName deployment, PodName pod) => Task.FromResult(gateway.LoadOf(deployment, pod));
}
