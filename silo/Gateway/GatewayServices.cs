using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>Registers the gateway and maps its end points.</summary>
internal static class GatewayServices
{
    private static readonly string[] Reading = ["GET", "HEAD"];

    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddParts();
    }

    private static IServiceCollection AddParts(this IServiceCollection services) =>
        services
            .AddSingleton<IConfigureOptions<KestrelServerOptions>, GatewayServer>()
            .AddSingleton<IConfigureOptions<SocketTransportOptions>, GatewayServer>()
            .AddHttpForwarder()
            .AddCors()
            .AddSingleton<Cors>()
            .AddSingleton<ForwardedHeaders>()
            .AddSingleton<GatewayMetrics>()
            .AddSingleton<KeyUses>()
            .AddHostedService(s => s.GetRequiredService<KeyUses>())
            .AddSingleton<PodProber>()
            .AddHostedService(s => s.GetRequiredService<PodProber>())
            .AddSingleton<PodForwarder>()
            .AddSingleton<PodClient>()
            .AddSingleton(NewRouteTable)
            .AddSingleton<IGateway>(s => s.GetRequiredService<RouteTable>())
            .AddSingleton<IPodCaller, PodCaller>()
            .AddSingleton<BodyReader>()
            .AddSingleton<ITrafficSampler, GateSampler>()
            .AddSingleton<LoadReporter>()
            .AddHostedService(s => s.GetRequiredService<LoadReporter>())
            .AddSingleton<KeyCheck>()
            .AddSingleton<AcceptEndpoint>()
            .AddSingleton<PredictEndpoint>()
            .AddSingleton<CallLookup>()
            .AddSingleton<CallWatch>()
            .AddSingleton<CallEndpoints>();

    private static RouteTable NewRouteTable(IServiceProvider services)
    {
        var (grains, calls) = (services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<RepeatableCalls>());
        return new(
            name => calls.Make(grains.GetGrain<IDeploymentGrain>(name.Value).GetRoute),
            services.GetRequiredService<TrafficBook>(),
            services.GetRequiredService<TimeProvider>()
        );
    }

    /// <summary>Predictions, before all other parts of the pipeline.</summary>
    public static void UsePredictions(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<PredictEndpoint>().Invoke);
        // Said here, or the host would put it first.
        app.UseRouting();
    }

    public static void MapGateway(this IEndpointRouteBuilder app)
    {
        var calls = app.ServiceProvider.GetRequiredService<CallEndpoints>();
        app.MapMethods("/calls/{id}", ["OPTIONS"], (HttpContext context, string id) => calls.Preflight(context, id));
        app.MapMethods("/calls/{id}/result", ["OPTIONS"], (HttpContext context, string id) => calls.Preflight(context, id));
        app.MapMethods("/calls/{id}/result.json", ["OPTIONS"], (HttpContext context, string id) => calls.Preflight(context, id));
        app.MapMethods("/calls/{id}", Reading, (HttpContext context, string id) => calls.Status(context, id));
        app.MapDelete("/calls/{id}", (HttpContext context, string id) => calls.Cancel(context, id));
        app.MapMethods("/calls/{id}/result", Reading, (HttpContext context, string id) => calls.Result(context, id));
        app.MapMethods("/calls/{id}/result.json", Reading, (HttpContext context, string id) => calls.Document(context, id));
    }
}
