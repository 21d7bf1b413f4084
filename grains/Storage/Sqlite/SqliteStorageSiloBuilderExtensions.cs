using System.Data.Common;
using DeployCard.Common.Settings;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using DeployCard.Storage.Stores;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace DeployCard.Storage.Sqlite;

/// <summary>Registers storage for a single machine: one database file and no other service.</summary>
public static class SqliteStorageSiloBuilderExtensions
{
    private const string Provider = "Sqlite";

    /// <summary>
    /// Stores grain state, index tables, bodies and logs in one SQLite database, configured by the section
    /// <see cref="SqliteStorageOptions.Section"/>. If the database is unusable, the host does not start: <c>StartAsync</c> throws a
    /// <see cref="StorageException"/>.
    /// </summary>
    public static ISiloBuilder AddSqliteStorage(this ISiloBuilder builder, Action<SqliteStorageOptions>? configure = null)
    {
        builder.Services.AddSettings<SqliteStorageOptions>(SqliteStorageOptions.Section).Configure(configure ?? (_ => { }));
        builder.Services.AddSingleton<IStorageSchema, SqliteSchema>();
        builder.Services.AddSingleton(Open);
        builder.Services.AddSingleton<SqlDatabase, SqliteDatabase>();
        builder.Services.AddStores();
        // Orleans uses Microsoft.Data.Sqlite for the invariant name "System.Data.SQLite".
        builder.AddAdoNetGrainStorage(
            Provider,
            options => options.Configure<DbDataSource>((storage, source) => storage.UseDatabase("System.Data.SQLite", source))
        );
        builder.Services.AddDefaultGrainStorage(all => all.GetRequiredKeyedService<IGrainStorage>(Provider));
        return builder;
    }

    /// <summary>
    /// Upgrades the schema when the data source is first resolved, so that every grain and store finds the current schema.
    /// </summary>
    private static DbDataSource Open(IServiceProvider services)
    {
        services.GetRequiredService<IStorageSchema>().Apply();
        return ActivatorUtilities.CreateInstance<SqliteDataSource>(services);
    }
}
