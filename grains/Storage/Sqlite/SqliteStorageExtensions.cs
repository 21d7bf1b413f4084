using System.Data.Common;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>Storage for one machine: a single file, with no other service.</summary>
public static class SqliteStorageExtensions
{
    /// <summary>
    /// Keeps the state of grains, the catalogs, bodies and logs in one SQLite database (section <see cref="SqliteStorageOptions.Section"/> of the
    /// settings). The host does not start on a database that it cannot use: <c>StartAsync</c> throws a <see cref="StorageException"/>.
    /// </summary>
    public static ISiloBuilder AddSqliteStorage(this ISiloBuilder builder, Action<SqliteStorageOptions>? configure = null)
    {
        builder.Services.AddOptions<SqliteStorageOptions>()
            .BindConfiguration(SqliteStorageOptions.Section)
            .Configure(configure ?? (_ => { }));
        builder.Services.AddSingleton<IValidateOptions<SqliteStorageOptions>, SqliteStorageOptionsValidator>();
        builder.Services.AddSingleton<SqliteSchema>();
        builder.Services.AddSingleton(Open);
        builder.Services.AddStores();
        return builder.AddAdoNetGrainStorageAsDefault(options => options.Configure<DbDataSource>(UseSqlite));
    }

    /// <summary>Whoever comes first brings the schema up to date: so it is there before any grain or store.</summary>
    private static DbDataSource Open(IServiceProvider services)
    {
        services.GetRequiredService<SqliteSchema>().Apply();
        return ActivatorUtilities.CreateInstance<SqliteDataSource>(services);
    }

    private static void AddStores(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IDeploymentStore, DeploymentStore>();
        services.AddSingleton<IKeyStore, KeyStore>();
        services.AddSingleton<IAsyncCallStore, AsyncCallStore>();
        services.AddSingleton<IBodyStore, BodyStore>();
        services.AddSingleton<ILogStore, LogStore>();
        services.AddSingleton<IRetentionStore, RetentionStore>();
    }

    private static void UseSqlite(AdoNetGrainStorageOptions options, DbDataSource source)
    {
        // Orleans' word for the dialect; the library behind it is Microsoft.Data.Sqlite.
        options.Invariant = "System.Data.SQLite";
        options.DataSource = source;
        options.HashPicker = new GrainKeyHasher();
        options.GrainStorageSerializer = new JsonStateSerializer();
        // A row that is cleared must not stay behind: a million calls come and go.
        options.DeleteStateOnClear = true;
    }
}
