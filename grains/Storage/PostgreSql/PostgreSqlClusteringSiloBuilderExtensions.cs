using Microsoft.Extensions.Options;

namespace DeployCard.Storage.PostgreSql;

/// <summary>Registers cluster membership and reminders on PostgreSQL.</summary>
public static class PostgreSqlClusteringSiloBuilderExtensions
{
    /// <summary>
    /// Stores the membership table and reminders in the database whose schema
    /// <see cref="PostgreSqlStorageSiloBuilderExtensions.AddPostgreSqlStorage"/> upgrades.
    /// </summary>
    public static ISiloBuilder UsePostgreSqlClustering(this ISiloBuilder silo)
    {
        silo.UseAdoNetClustering(options =>
            options.Configure<IOptions<PostgreSqlStorageOptions>>(
                (clustering, storage) =>
                    (clustering.Invariant, clustering.ConnectionString) = (
                        PostgreSqlStorageSiloBuilderExtensions.Invariant,
                        ConnectionString(storage)
                    )
            )
        );
        silo.UseAdoNetReminderService(options =>
            options.Configure<IOptions<PostgreSqlStorageOptions>>(
                (reminders, storage) =>
                    (reminders.Invariant, reminders.ConnectionString) = (
                        PostgreSqlStorageSiloBuilderExtensions.Invariant,
                        ConnectionString(storage)
                    )
            )
        );
        return silo;
    }

    private static string ConnectionString(IOptions<PostgreSqlStorageOptions> storage) =>
        PostgreSqlConnections.OrleansConnectionString(storage.Value);
}
