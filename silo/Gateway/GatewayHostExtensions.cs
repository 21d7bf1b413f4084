using DeployCard.Client.Cluster;
using DeployCard.Common.Settings;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Gateway;

/// <summary>Registers the services of the gateway and maps its endpoints.</summary>
public static class GatewayHostExtensions
{
    private static readonly string[] ReadMethods = ["GET", "HEAD"];

    /// <summary>Adds the settings and services of the gateway.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddSettings<GatewayOptions>(GatewayOptions.Section);
        return services.AddParts();
    }

    /// <summary>Returns the additional address for cleartext HTTP/2; empty if the settings contain none.</summary>
    public static string[] GetGatewayUrls(IConfiguration configuration) =>
        configuration[$"{GatewayOptions.Section}:{nameof(GatewayOptions.Http2Url)}"] is { Length: > 0 } url ? [url] : [];

    private static IServiceCollection AddParts(this IServiceCollection services) =>
        services
            .AddSingleton<IConfigureOptions<KestrelServerOptions>, GatewayServer>()
            .AddSingleton<IConfigureOptions<SocketTransportOptions>, GatewayServer>()
            .AddHttpForwarder()
            .AddCors()
            .AddSingleton<Cors>()
            .AddSingleton<ForwardedHeaders>()
            .AddSingleton<GatewayMetrics>()
            .AddSingleton<KeyUsageTracker>()
            .AddHostedService(s => s.GetRequiredService<KeyUsageTracker>())
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
            .AddSingleton<KeyAuthorizer>()
            .AddSingleton<CallbackHeader>()
            .AddSingleton<AcceptEndpoint>()
            .AddSingleton<PredictEndpoint>()
            .AddSingleton<CallLookup>()
            .AddSingleton<CallEndWaiter>()
            .AddSingleton<CallEndpoints>();

    private static RouteTable NewRouteTable(IServiceProvider services)
    {
        var (grains, calls) = (services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<GrainRetry>());
        return new(
            name => calls.Execute(grains.GetGrain<IDeploymentGrain>(name.Value).GetRoute),
            services.GetRequiredService<TrafficRegistry>(),
            services.GetRequiredService<TimeProvider>()
        );
    }

    /// <summary>Adds the prediction endpoint to the pipeline. Call this before adding any other middleware.</summary>
    public static void UsePredictions(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<PredictEndpoint>().Invoke);
        // Explicit, because the host would otherwise add routing before the predictions.
        app.UseRouting();
    }

    /// <summary>Maps the endpoints of asynchronous calls. Predictions are handled by <see cref="UsePredictions"/>.</summary>
    public static void MapGateway(this IEndpointRouteBuilder app)
    {
        var calls = app.ServiceProvider.GetRequiredService<CallEndpoints>();
        app.MapMethods("/calls/{id}", ["OPTIONS"], (HttpContext context, string id) => calls.HandlePreflight(context, id));
        app.MapMethods("/calls/{id}/result", ["OPTIONS"], (HttpContext context, string id) => calls.HandlePreflight(context, id));
        app.MapMethods("/calls/{id}/result.json", ["OPTIONS"], (HttpContext context, string id) => calls.HandlePreflight(context, id));
        app.MapMethods("/calls/{id}", ReadMethods, (HttpContext context, string id) => calls.GetStatus(context, id));
        app.MapDelete("/calls/{id}", (HttpContext context, string id) => calls.Cancel(context, id));
        app.MapMethods("/calls/{id}/result", ReadMethods, (HttpContext context, string id) => calls.GetResult(context, id));
        app.MapMethods("/calls/{id}/result.json", ReadMethods, (HttpContext context, string id) => calls.GetResultDocument(context, id));
    }
}
