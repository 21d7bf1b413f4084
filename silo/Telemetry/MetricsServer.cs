using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace DeployCard.Silo.Telemetry;

/// <summary>
/// Serves <c>/metrics</c> from a separate web server. No routing rule of the public server can therefore expose the metrics to clients by
/// mistake, and scrapes work while the public server is overloaded and until the silo has stopped.
/// </summary>
internal sealed partial class MetricsServer(IOptions<MetricsOptions> options, MeterProvider meters, ILogger<MetricsServer> logger)
    : IHostedService,
        IAsyncDisposable
{
    private WebApplication? server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Address is not { } url)
            return;
        server = Build(url);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException && options.Value.Url is null)
        {
            // The default port was not configured explicitly, so a conflict does not prevent the start.
            LogPortInUse(logger, url);
            await DisposeAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new Hosting.StartupException(
                $"Metrics:Url is {url}, but another program uses that port: stop that program or choose a different port",
                e
            );
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        server = null;
    }

    private WebApplication Build(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls(url);
        var app = builder.Build();
        app.UseOpenTelemetryPrometheusScrapingEndpoint(
            meters,
            predicate: null,
            path: "/metrics",
            configureBranchedPipeline: null,
            optionsName: null
        );
        app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        return app;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Metrics are not served, because another program uses {Url}; set Metrics:Url to another address or to an empty value"
    )]
    private static partial void LogPortInUse(ILogger logger, string url);
}
