using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Where the silos of a cluster find each other.</summary>
public static class PostgreSqlClusteringExtensions
{
    /// <summary>
    /// Keeps the membership of the cluster, and reminders, in the database that <see cref="PostgreSqlStorageExtensions.AddPostgreSqlStorage"/> brings up
    /// to date.
    /// </summary>
    public static ISiloBuilder UsePostgreSqlClustering(this ISiloBuilder silo)
    {
        silo.UseAdoNetClustering(options =>
            options.Configure<IOptions<PostgreSqlStorageOptions>>(
                (clustering, storage) =>
                    (clustering.Invariant, clustering.ConnectionString) = (PostgreSqlStorageExtensions.Invariant, Text(storage))
            )
        );
        silo.UseAdoNetReminderService(options =>
            options.Configure<IOptions<PostgreSqlStorageOptions>>(
                (reminders, storage) =>
                    (reminders.Invariant, reminders.ConnectionString) = (PostgreSqlStorageExtensions.Invariant, Text(storage))
            )
        );
        return silo;
    }

    private static string Text(IOptions<PostgreSqlStorageOptions> storage) => PostgreSqlConnections.Few(storage.Value);
}
