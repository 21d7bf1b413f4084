using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Storage that any number of silos share.</summary>
public static class PostgreSqlStorageExtensions
{
    /// <summary>
    /// Keeps the state of grains, the catalogs, bodies and logs in one PostgreSQL database (section <see cref="PostgreSqlStorageOptions.Section"/> of
    /// the settings). The host does not start on a database that it cannot use: <c>StartAsync</c> throws a <see cref="StorageException"/>.
    /// </summary>
    public static ISiloBuilder AddPostgreSqlStorage(this ISiloBuilder builder, Action<PostgreSqlStorageOptions>? configure = null)
    {
        builder.Services.AddOptions<PostgreSqlStorageOptions>()
            .BindConfiguration(PostgreSqlStorageOptions.Section)
            .Configure(configure ?? (_ => { }));
        builder.Services.AddSingleton<IValidateOptions<PostgreSqlStorageOptions>, PostgreSqlStorageOptionsValidator>();
        return builder.AddStorage<PostgreSqlSchema>(
            "Npgsql", services => PostgreSqlConnections.Shared(services.GetRequiredService<IOptions<PostgreSqlStorageOptions>>().Value));
    }
}
