namespace DeployCard.Gateway.Logs;

/// <summary>Registers the log download and maps its endpoint.</summary>
public static class LogDownloadHostExtensions
{
    /// <summary>Adds the service that handles the endpoint.</summary>
    public static void AddLogDownload(this IServiceCollection services) => services.AddSingleton<LogDownload>();

    /// <summary>Maps the endpoint <c>GET /deployments/{name}/logs.txt</c>.</summary>
    public static void MapLogDownload(this IEndpointRouteBuilder app)
    {
        var download = app.ServiceProvider.GetRequiredService<LogDownload>();
        app.MapGet("/deployments/{name}/logs.txt", (HttpContext context, string name) => download.Handle(context, name));
    }
}
