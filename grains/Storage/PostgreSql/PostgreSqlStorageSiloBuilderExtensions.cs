using System.Data.Common;
using DeployCard.Common.Settings;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using DeployCard.Storage.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Storage;

namespace DeployCard.Storage.PostgreSql;

/// <summary>Registers storage for a cluster: one PostgreSQL database that all silos share.</summary>
public static class PostgreSqlStorageSiloBuilderExtensions
{
    /// <summary>Invariant name of PostgreSQL in Orleans, which is the name of the database library.</summary>
    internal const string Invariant = "Npgsql";

    private const string Provider = "PostgreSql";

    /// <summary>
    /// Stores grain state, index tables, bodies and logs in one PostgreSQL database, configured by the section <see
    /// cref="PostgreSqlStorageOptions.Section"/>. Also registers the <see cref="NpgsqlDataSource"/>, which clustering and reminders can
    /// use. If the database is unusable, the host does not start: <c>StartAsync</c> throws a <see cref="StorageException"/>.
    /// </summary>
    public static ISiloBuilder AddPostgreSqlStorage(this ISiloBuilder builder, Action<PostgreSqlStorageOptions>? configure = null)
    {
        var services = builder.Services;
        services.AddSettings<PostgreSqlStorageOptions>(PostgreSqlStorageOptions.Section).Configure(configure ?? (_ => { }));
        services.AddSingleton<IValidateOptions<PostgreSqlStorageOptions>, PostgreSqlStorageOptionsValidator>();
        services.AddSingleton<IStorageSchema, PostgreSqlSchema>();
        services.AddSingleton(CreateHealth);
        services.AddSingleton(OpenDataSource);
        services.AddSingleton<DbDataSource>(all => all.GetRequiredService<NpgsqlDataSource>());
        services.AddSingleton<SqlDatabase, PostgreSqlDatabase>();
        services.AddStores();
        builder.AddAdoNetGrainStorage(
            Provider,
            options => options.Configure<NpgsqlDataSource>((storage, source) => storage.UseDatabase(Invariant, source))
        );
        services.AddDefaultGrainStorage(CreateGrainStorage);
        return builder;
    }

    /// <summary>
    /// Upgrades the schema when the data source is first resolved, so that every grain and store finds the current schema.
    /// </summary>
    private static NpgsqlDataSource OpenDataSource(IServiceProvider services)
    {
        services.GetRequiredService<IStorageSchema>().Apply();
        return PostgreSqlConnections.CreateDataSource(services.GetRequiredService<IOptions<PostgreSqlStorageOptions>>().Value);
    }

    private static StorageOutageTracker CreateHealth(IServiceProvider services) =>
        new(
            new NpgsqlConnectionStringBuilder(
                services.GetRequiredService<IOptions<PostgreSqlStorageOptions>>().Value.ConnectionString
            ).Database!,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<StorageOutageTracker>>()
        );

    private static PostgreSqlGrainStorage CreateGrainStorage(IServiceProvider services) =>
        new(
            services.GetRequiredKeyedService<IGrainStorage>(Provider),
            services.GetRequiredService<DbDataSource>(),
            services.GetRequiredService<StorageOutageTracker>()
        );
}
