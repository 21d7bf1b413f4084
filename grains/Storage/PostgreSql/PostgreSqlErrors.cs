using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Failures of the database in words for people, with the remedy.</summary>
internal static class PostgreSqlErrors
{
    public static StorageException Explain(NpgsqlException error, string database) => new(
        $"The database {database} {(error is PostgresException refused ? Remedy(refused.SqlState) : "cannot be reached: start it, or correct Storage:ConnectionString.")} ({error.Message})", error);

    private static string Remedy(string state) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "does not let this user in: correct the user and the password in Storage:ConnectionString.",
        PostgresErrorCodes.InvalidCatalogName => "does not exist: create it, or correct Storage:ConnectionString.",
        PostgresErrorCodes.InsufficientPrivilege => "does not let this user make tables: make him the owner of the database.",
        PostgresErrorCodes.TooManyConnections => "has no connection left: lower Storage:MostConnections, or raise its max_connections.",
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown => "is starting or ending: try again.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "takes no writes: name the primary server in Storage:ConnectionString.",
        PostgresErrorCodes.DiskFull => "cannot grow: make room on its disk.",
        _ => "refused a command.",
    };
}
