using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;

namespace DeployCard.Tests.Support;

/// <summary>
/// A cluster of real silos in the test process, which can be stopped and started again. The configuration decides which storage and which
/// services the silos have; it runs once per silo and start.
/// </summary>
public sealed class InProcessSilos(Action<ISiloBuilder> configure) : IAsyncDisposable
{
    private InProcessTestCluster? cluster;

    /// <summary>Number of silos at the next start.</summary>
    public short Count { get; set; } = 1;

    /// <summary>Receives the log messages of level Warning and higher; null for the logging of the test host.</summary>
    public ILoggerProvider? Logging { get; init; }

    /// <summary>The running cluster.</summary>
    /// <exception cref="InvalidOperationException">The silos are not running.</exception>
    public InProcessTestCluster Cluster => cluster ?? throw new InvalidOperationException("The silos are not running.");

    /// <summary>Starts the silos.</summary>
    public async Task Start()
    {
        var builder = new InProcessTestClusterBuilder(Count);
        // The service id is part of the key of stored states, so it must not change between starts.
        builder.Options.ServiceId = "deploycard";
        if (Logging is { } logging)
            builder.ConfigureHost(host => host.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddProvider(logging));
        builder.ConfigureSilo((_, silo) => configure(silo));
        builder.ConfigureSiloHost(
            (_, host) => host.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(20))
        );
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    /// <summary>Shuts the silos down gracefully, if they run.</summary>
    public async Task Stop()
    {
        if (cluster is null)
            return;
        await cluster.StopAllSilosAsync();
        await cluster.DisposeAsync();
        cluster = null;
    }

    /// <summary>Returns a service of the first silo.</summary>
    public T Service<T>()
        where T : notnull => Cluster.Silos[0].ServiceProvider.GetRequiredService<T>();

    /// <summary>Returns a grain.</summary>
    public T Grain<T>(string key)
        where T : IGrainWithStringKey => Cluster.Client.GetGrain<T>(key);

    public async ValueTask DisposeAsync() => await Stop();
}
