using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Routing;

/// <summary>Registers the way from deployments to gateways.</summary>
public static class RoutingServices
{
    /// <summary>Adds it. The gateway itself is an <see cref="IGateway"/> that the caller registers.</summary>
    public static IServiceCollection AddRouting(this IServiceCollection services) =>
        services.AddGrainService<GatewayService>().AddSingleton<IRoutePublisher, RoutePublisher>();
}
