namespace DeployCard.Silo.Logs;

/// <summary>Registers the log download and maps its endpoint.</summary>
internal static class LogDownloadHostExtensions
{
    public static void AddLogDownload(this IServiceCollection services) => services.AddSingleton<LogDownload>();

    public static void MapLogDownload(this IEndpointRouteBuilder app)
    {
        var download = app.ServiceProvider.GetRequiredService<LogDownload>();
        app.MapGet("/deployments/{name}/logs.txt", (HttpContext context, string name) => download.Handle(context, name));
    }
}
