using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>Storage for one machine: a single file, with no other service.</summary>
public static class SqliteStorageExtensions
{
    private const string Provider = "Sqlite";

    /// <summary>
    /// Keeps the state of grains, the catalogs, bodies and logs in one SQLite database (section <see cref="SqliteStorageOptions.Section"/> of the
    /// settings). The host does not start on a database that it cannot use: <c>StartAsync</c> throws a <see cref="StorageException"/>.
    /// </summary>
    public static ISiloBuilder AddSqliteStorage(this ISiloBuilder builder, Action<SqliteStorageOptions>? configure = null)
    {
        builder
            .Services.AddOptions<SqliteStorageOptions>()
            .BindConfiguration(SqliteStorageOptions.Section)
            .Configure(configure ?? (_ => { }));
        builder.Services.AddSingleton<IValidateOptions<SqliteStorageOptions>, SqliteStorageOptionsValidator>();
        builder.Services.AddSingleton<IStorageSchema, SqliteSchema>();
        builder.Services.AddSingleton(Open);
        builder.Services.AddStores();
        // The library behind Orleans' word is Microsoft.Data.Sqlite.
        builder.AddAdoNetGrainStorage(
            Provider,
            options => options.Configure<DbDataSource>((storage, source) => storage.Use("System.Data.SQLite", source))
        );
        builder.Services.AddDefaultStorage(all => all.GetRequiredKeyedService<IGrainStorage>(Provider));
        return builder;
    }

    /// <summary>Whoever comes first brings the schema up to date: so it is there before any grain or store.</summary>
    private static DbDataSource Open(IServiceProvider services)
    {
        services.GetRequiredService<IStorageSchema>().Apply();
        return ActivatorUtilities.CreateInstance<SqliteDataSource>(services);
    }
}
