using System.Net;
using System.Net.Sockets;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Runtimes.LocalProcess;
using DeployCard.Grains.Storage.Sqlite;
using DeployCard.GraphQL;
using DeployCard.Silo.Gateway;
using Orleans.Configuration;

namespace DeployCard.Silo.Hosting;

/// <summary>The host of a silo: where its settings come from and what all parts share.</summary>
internal static class SiloBuilder
{
    private const string DefaultUrl = "http://localhost:8080";

    /// <summary>How long requests may take to end when the silo is asked to.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    public static WebApplicationBuilder Create(string[] args)
    {
        // The settings that come with the program lie beside it; data and deploycard.json where it is started.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration
            .AddJsonFile(Path.GetFullPath("deploycard.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(Switches(args));
        builder.WebHost.UseUrls([.. Urls(builder.Configuration), .. GatewayServer.FurtherUrls(builder.Configuration)]);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = DrainTimeout);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddOptions<LocalProcessOptions>().BindConfiguration(LocalProcessOptions.Section);
        builder.Services.AddOptions<CardOptions>()
            .Configure(options => options.PublicUrl = new(Urls(builder.Configuration)[0]))
            .BindConfiguration("Card");
        return builder;
    }

    /// <summary>The addresses that the server listens on.</summary>
    public static string[] Urls(IConfiguration configuration) =>
        (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Takes the data folder for this silo alone.</summary>
    public static DataFolder OpenDataFolder(this WebApplicationBuilder builder)
    {
        var storage = builder.Configuration.GetSection(SqliteStorageOptions.Section).Get<SqliteStorageOptions>() ?? new();
        var folder = DataFolder.Open(Path.GetDirectoryName(Path.GetFullPath(storage.Path))!);
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton(new KeyHasher(folder.Secret));
        builder.Services.AddSingleton(new CallIds(folder.Secret));
        builder.Services.AddSingleton(new WebhookSecretFactory(folder.Secret));
        return folder;
    }

    /// <summary>One silo, that no other one joins.</summary>
    public static ISiloBuilder UseOneMachine(this ISiloBuilder silo) =>
        silo.UseLocalhostClustering(FreePort(), gatewayPort: 0, serviceId: "deploycard", clusterId: "local")
            // Each call is a grain that is asked for a few times: remembering where a million of them live would cost 335 MB.
            .Configure<GrainDirectoryOptions>(options => options.CacheSize = 1000);

    /// <summary>Words of ours without a value, which the command line's reader does not know.</summary>
    private static string[] Switches(string[] args) => [.. args.Where(arg => arg != Access.AccessServices.NewTokenSwitch)];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
