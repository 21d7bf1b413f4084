using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
        // The library behind Orleans' word is Microsoft.Data.Sqlite.
        return builder.AddStorage<SqliteSchema>("System.Data.SQLite", services => ActivatorUtilities.CreateInstance<SqliteDataSource>(services));
    }
}
