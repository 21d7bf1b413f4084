using DeployCard.Common.Settings;
using DeployCard.Contracts.Deployments;
using DeployCard.Gateway;
using DeployCard.Storage.PostgreSql;
using DeployCard.Storage.Sqlite;

namespace DeployCard.Silo.Hosting;

/// <summary>Creates the host of a silo with its configuration sources and the services that all capabilities share.</summary>
internal static class SiloBuilder
{
    private const string DefaultUrl = "http://localhost:8080";

    /// <summary>Maximum time for the hosted services to stop, in which running requests can finish.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Creates the builder of the host. Settings come from the command line, environment variables, <c>deploycard.json</c> and
    /// <c>appsettings.json</c>, in this order of precedence.
    /// </summary>
    /// <exception cref="StartupException">A setting has an old name, or a file with a setting cannot be used.</exception>
    public static WebApplicationBuilder Create(string[] args)
    {
        // appsettings.json is next to the program; deploycard.json and the default data folder are in the working directory.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder
            .Configuration.AddJsonFile(Path.GetFullPath("deploycard.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(WithoutSwitches(args));
        RenamedSettings.ThrowIfUsed(builder.Configuration);
        builder.Configuration.AddSecretFiles();
        builder.WebHost.UseUrls([.. GetUrls(builder.Configuration), .. GatewayHostExtensions.GetGatewayUrls(builder.Configuration)]);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton(TimeProvider.System);
        builder
            .Services.AddOptions<CardOptions>()
            .Configure(options => options.PublicUrl = new(GetUrls(builder.Configuration)[0]))
            .BindConfiguration(CardOptions.Section)
            .ValidateSettings(CardOptions.Section)
            .Validate(
                options => options.GrafanaUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https", Query.Length: 0 },
                "Card:GrafanaUrl must be an absolute http or https URL without a query, such as https://grafana.example.org."
            );
        return builder;
    }

    /// <summary>Returns the addresses that the server listens on, without <c>Gateway:Http2Url</c>.</summary>
    public static string[] GetUrls(IConfiguration configuration) =>
        (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Opens the installation that the settings describe, and registers it.</summary>
    /// <exception cref="StartupException">The installation cannot be used.</exception>
    public static Installation OpenInstallation(this WebApplicationBuilder builder)
    {
        var installation = Installation.Open(builder.Configuration);
        installation.AddTo(builder.Services);
        return installation;
    }

    /// <summary>Registers the storage of the installation.</summary>
    public static ISiloBuilder AddStorage(this ISiloBuilder silo, Installation installation) =>
        installation.Provider is StorageProvider.PostgreSql ? silo.AddPostgreSqlStorage() : silo.AddSqliteStorage();

    /// <summary>
    /// Removes the switches of DeployCard. The command-line configuration provider does not support switches without a value.
    /// </summary>
    private static string[] WithoutSwitches(string[] args) =>
        [
            .. args.Where(arg =>
                arg
                    is not (
                        Access.AccessServiceCollectionExtensions.NewTokenSwitch
                        or Startup.MigrateOnlySwitch
                        or HealthCheckCommand.Switch
                    )
            ),
        ];
}
