using DeployCard.Contracts.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Domain.Routing;

/// <summary>Registration of the services that publish routes to gateways.</summary>
public static class RoutingServiceCollectionExtensions
{
    /// <summary>
    /// Adds the route publisher and the gateway service. The caller registers the gateway itself as <see cref="IGateway"/>.
    /// </summary>
    public static IServiceCollection AddRouting(this IServiceCollection services) =>
        services.AddGrainService<GatewayService>().AddSingleton<IRoutePublisher, RoutePublisher>();
}
