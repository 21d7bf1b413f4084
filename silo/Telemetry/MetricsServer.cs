using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace DeployCard.Silo.Telemetry;

/// <summary>
/// Answers <c>/metrics</c>, by a server of its own: no rule of the public one can open it to clients by mistake, a scrape is answered while that one
/// is full, and until the silo has ended.
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
            // Nobody asked for this port by name: that is no reason not to start.
            LogTaken(logger, url);
            await DisposeAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new Hosting.StartupException(
                $"Metrics:Url is {url}, which is taken by another program: stop that one, or choose another port",
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
        Message = "Nothing answers /metrics: {Url} is taken by another program. The setting Metrics:Url gives another address, or none where it is empty"
    )]
    private static partial void LogTaken(ILogger logger, string url);
}
