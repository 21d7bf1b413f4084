using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Storage;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Storage for a cluster: one PostgreSQL database that all silos share.</summary>
public static class PostgreSqlStorageExtensions
{
    /// <summary>Orleans' word for PostgreSQL: the name of the library.</summary>
    internal const string Invariant = "Npgsql";

    private const string Provider = "PostgreSql";

    /// <summary>
    /// Keeps the state of grains, the catalogs, bodies and logs in one PostgreSQL database (section
    /// <see cref="PostgreSqlStorageOptions.Section"/> of the settings). Its <see cref="NpgsqlDataSource"/> is there for clustering and reminders,
    /// too. The host does not start on a database that it cannot use: <c>StartAsync</c> throws a <see cref="StorageException"/>.
    /// </summary>
    public static ISiloBuilder AddPostgreSqlStorage(this ISiloBuilder builder, Action<PostgreSqlStorageOptions>? configure = null)
    {
        var services = builder.Services;
        services
            .AddOptions<PostgreSqlStorageOptions>()
            .BindConfiguration(PostgreSqlStorageOptions.Section)
            .Configure(configure ?? (_ => { }))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<PostgreSqlStorageOptions>, PostgreSqlStorageOptionsValidator>();
        services.AddSingleton<IStorageSchema, PostgreSqlSchema>();
        services.AddSingleton(Health);
        services.AddSingleton(Open);
        services.AddSingleton<DbDataSource>(all => all.GetRequiredService<NpgsqlDataSource>());
        services.AddStores();
        builder.AddAdoNetGrainStorage(
            Provider,
            options => options.Configure<NpgsqlDataSource>((storage, source) => storage.Use(Invariant, source))
        );
        services.AddDefaultStorage(Explained);
        return builder;
    }

    /// <summary>Whoever comes first brings the schema up to date: so it is there before any grain or store.</summary>
    private static NpgsqlDataSource Open(IServiceProvider services)
    {
        services.GetRequiredService<IStorageSchema>().Apply();
        return PostgreSqlConnections.Pool(services.GetRequiredService<IOptions<PostgreSqlStorageOptions>>().Value);
    }

    private static StorageHealth Health(IServiceProvider services) =>
        new(
            new NpgsqlConnectionStringBuilder(
                services.GetRequiredService<IOptions<PostgreSqlStorageOptions>>().Value.ConnectionString
            ).Database!,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<StorageHealth>>()
        );

    private static PostgreSqlGrainStorage Explained(IServiceProvider services) =>
        new(
            services.GetRequiredKeyedService<IGrainStorage>(Provider),
            services.GetRequiredService<DbDataSource>(),
            services.GetRequiredService<StorageHealth>()
        );
}
