using System.ComponentModel;
using DeployCard.Contracts.Storage;
using Npgsql;

namespace DeployCard.Storage.PostgreSql;

/// <summary>
/// Converts failures of the server and the network to <see cref="StorageException"/> with a remedy. Failures of a statement are not
/// converted.
/// </summary>
internal static class PostgreSqlErrors
{
    private const string Setting = $"{PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.ConnectionString)}";
    private const string OutcomeUnknown = "A write in progress may or may not have been stored.";

    /// <summary>Whether an exception is a failure of the server or the network, not of the statement.</summary>
    public static bool IsStorageFailure(Exception error) => Remedy(error) is not null;

    /// <summary>
    /// Whether the connection was lost, so that the command may or may not have run. The connection may have been broken long before the
    /// command: after a restart of the server, the pool is full of broken connections. False for timeouts, because a retry would only
    /// prolong the caller's wait.
    /// </summary>
    public static bool IsConnectionLost(Exception error) =>
        error switch
        {
            PostgresException refusal => refusal.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown,
            NpgsqlException { InnerException: IOException { InnerException: not TimeoutException } } => true,
            _ => false,
        };

    /// <summary>Converts a failure of the server or the network to an exception that names the database and the remedy.</summary>
    /// <param name="error">The exception of Npgsql or of the network.</param>
    /// <param name="connectionString">Connection string, of which the message contains only host, port and database.</param>
    public static StorageException Translate(Exception error, string connectionString) =>
        new($"{DescribeDatabase(connectionString)} {Remedy(error)} ({error.Message.ReplaceLineEndings(" ")})", error);

    /// <summary>Describes the database by its name, host and port and the setting that configures it.</summary>
    public static string DescribeDatabase(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"The database '{settings.Database}' on {settings.Host}:{settings.Port} ({Setting})";
    }

    // SocketException derives from Win32Exception on every system. Grains do not reference network types, so the base type is used here.
    private static string? Remedy(Exception error) =>
        error switch
        {
            PostgresException refusal => Remedy(refusal.SqlState),
            NpgsqlException when error.Message.Contains("pool", StringComparison.Ordinal) =>
                "has no free connection: commands take too long, or "
                    + $"{PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.MaxConnections)} is too low.",
            NpgsqlException { InnerException: TimeoutException } or TimeoutException =>
                $"did not respond in time: check the server, its disk and its locks. {OutcomeUnknown}",
            NpgsqlException { InnerException: Win32Exception } or Win32Exception =>
                $"cannot be reached: check that the server is running, and check host and port. {OutcomeUnknown}",
            NpgsqlException { InnerException: IOException } or IOException =>
                $"closed the connection: check the server and the network. {OutcomeUnknown}",
            NpgsqlException => $"cannot be used: check the server. {OutcomeUnknown}",
            _ => null,
        };

    private static string? Remedy(string state) =>
        state switch
        {
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
                $"is stopping or starting: the next request tries again. {OutcomeUnknown}",
            PostgresErrorCodes.TooManyConnections => "accepts no further connections: raise max_connections of the server, or lower "
                + $"{PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.MaxConnections)} of the silos.",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                "is read-only: configure the primary host, or all hosts with Target Session Attributes=primary.",
            PostgresErrorCodes.DiskFull => "cannot grow: free space on its disk. The write was not stored.",
            PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.InsufficientResources =>
                "is out of memory or another resource: check the server.",
            PostgresErrorCodes.IoError => "cannot read or write its files: check its disk.",
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "is damaged: restore a backup.",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                "rejects this user: check user name, password and pg_hba.conf.",
            PostgresErrorCodes.InvalidCatalogName => "does not exist: create it, or configure another database.",
            PostgresErrorCodes.InsufficientPrivilege => "denies this user a required privilege: make the user the owner of the database.",
            PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable =>
                "did not respond in time: check the server, its disk and its locks. The write was not stored.",
            // Class 08 is a connection exception; 57P is an operator intervention, such as a dropped database.
            _ when state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal) =>
                $"closed the connection: check the server. {OutcomeUnknown}",
            _ => null,
        };
}
