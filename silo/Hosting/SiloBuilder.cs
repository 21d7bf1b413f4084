using DeployCard.Grains.Storage.PostgreSql;
using DeployCard.Grains.Storage.Sqlite;
using DeployCard.GraphQL;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Hosting;

/// <summary>The host of a silo: where its settings come from and what all parts share.</summary>
internal static class SiloBuilder
{
    private const string DefaultUrl = "http://localhost:8080";

    /// <summary>How long requests may take to end when the silo is asked to.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    public static WebApplicationBuilder Create(string[] args)
    {
        // The settings that come with the program lie beside it; data and deploycard.json where it is started.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder
            .Configuration.AddJsonFile(Path.GetFullPath("deploycard.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(Switches(args));
        builder.Configuration.AddSecretFiles();
        builder.WebHost.UseUrls([.. Urls(builder.Configuration), .. GatewayServer.FurtherUrls(builder.Configuration)]);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = DrainTimeout);
        builder.Services.AddSingleton(TimeProvider.System);
        builder
            .Services.AddOptions<CardOptions>()
            .Configure(options => options.PublicUrl = new(Urls(builder.Configuration)[0]))
            .BindConfiguration("Card")
            .Validate(
                options => options.GrafanaUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https", Query.Length: 0 },
                "Card:GrafanaUrl must be an absolute http or https URL without a query, as in https://grafana.example.org."
            )
            .ValidateOnStart();
        return builder;
    }

    /// <summary>The addresses that the server listens on.</summary>
    public static string[] Urls(IConfiguration configuration) =>
        (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Takes the installation that the settings describe.</summary>
    public static Installation OpenInstallation(this WebApplicationBuilder builder)
    {
        var installation = Installation.Open(builder.Configuration);
        installation.AddTo(builder.Services);
        return installation;
    }

    /// <summary>The storage of the installation.</summary>
    public static ISiloBuilder AddStorage(this ISiloBuilder silo, Installation installation) =>
        installation.Provider is StorageProvider.PostgreSql ? silo.AddPostgreSqlStorage() : silo.AddSqliteStorage();

    /// <summary>Words of ours without a value, which the command line's reader does not know.</summary>
    private static string[] Switches(string[] args) =>
        [.. args.Where(arg => arg is not (Access.AccessServices.NewTokenSwitch or Startup.MigrateOnlySwitch or HealthCall.Switch))];
}
