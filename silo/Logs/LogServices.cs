namespace DeployCard.Silo.Logs;

/// <summary>Registers the download of logs and maps it.</summary>
internal static class LogServices
{
    public static void AddLogDownload(this IServiceCollection services) => services.AddSingleton<LogDownload>();

    public static void MapLogDownload(this IEndpointRouteBuilder app)
    {
        var download = app.ServiceProvider.GetRequiredService<LogDownload>();
        app.MapGet("/deployments/{name}/logs.txt", (HttpContext context, string name) => download.Answer(context, name));
    }
}
