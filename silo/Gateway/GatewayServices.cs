using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>Registers the gateway and maps its end points.</summary>
internal static class GatewayServices
{
    public static IServiceCollection AddGateway(this IServiceCollection services) => services
        .AddHttpForwarder()
        .AddSingleton<PodClient>()
        .AddSingleton<RouteTable>()
        .AddSingleton<IGateway>(s => s.GetRequiredService<RouteTable>())
        .AddSingleton<IPodCaller, PodCaller>()
        .AddSingleton<BodyReader>()
        .AddSingleton<LoadReporter>()
        .AddHostedService(s => s.GetRequiredService<LoadReporter>())
        .AddSingleton<KeyCheck>()
        .AddSingleton<AcceptEndpoint>()
        .AddSingleton<PredictEndpoint>()
        .AddSingleton<CallEndpoints>();

    public static void MapGateway(this IEndpointRouteBuilder app)
    {
        var predict = app.ServiceProvider.GetRequiredService<PredictEndpoint>();
        app.Map("/predict/{deployment}/{**path}", (HttpContext context, string deployment) => predict.Handle(context, deployment));

        var calls = app.ServiceProvider.GetRequiredService<CallEndpoints>();
        app.MapGet("/calls/{id}", (HttpContext context, string id) => calls.Status(context, id));
        app.MapDelete("/calls/{id}", (HttpContext context, string id) => calls.Cancel(context, id));
        app.MapGet("/calls/{id}/result", (HttpContext context, string id) => calls.Result(context, id));
        app.MapGet("/calls/{id}/result.json", (HttpContext context, string id) => calls.Document(context, id));
    }
}
