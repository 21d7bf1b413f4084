using System.ComponentModel;
using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Failures of the server and of the way to it in words for people, with the remedy; those of a statement stay as they are.</summary>
internal static class PostgreSqlErrors
{
    private const string Setting = $"{PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.ConnectionString)}";
    private const string Unknown = "Whether a write that was under way was kept is not known.";

    /// <summary>Whether it is a failure of storage, and not of the statement.</summary>
    public static bool IsOfStorage(Exception error) => Remedy(error) is not null;

    /// <summary>
    /// Whether the connection broke: what it was asked for may have been done or not. It may have broken long before; a server that was restarted
    /// leaves a pool full of those. Not that the server was slow: to ask again would only make whoever waits wait longer.
    /// </summary>
    public static bool IsLost(Exception error) =>
        error switch
        {
            PostgresException refusal => refusal.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown,
            NpgsqlException { InnerException: IOException { InnerException: not TimeoutException } } => true,
            _ => false,
        };

    /// <summary>Such a failure in words for people.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="connectionString">Of which the host and the database are told, and nothing else.</param>
    public static StorageException Explain(Exception error, string connectionString) =>
        new($"{Name(connectionString)} {Remedy(error)} ({error.Message.ReplaceLineEndings(" ")})", error);

    /// <summary>The database by its name and host, and the setting that says so.</summary>
    public static string Name(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"The database '{settings.Database}' on {settings.Host}:{settings.Port} ({Setting})";
    }

    // What the network says is a Win32Exception on every system; its own name stays out of the domain.
    private static string? Remedy(Exception error) =>
        error switch
        {
            PostgresException refusal => Remedy(refusal.SqlState),
            NpgsqlException when error.Message.Contains("pool", StringComparison.Ordinal) =>
                $"has no free connection: its commands take too long, or {PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.MaxConnections)} is too low.",
            NpgsqlException { InnerException: TimeoutException } or TimeoutException =>
                $"did not answer in time: look after the server, its disk and its locks. {Unknown}",
            NpgsqlException { InnerException: Win32Exception } or Win32Exception =>
                $"cannot be reached: check that the server runs there, and host and port. {Unknown}",
            NpgsqlException { InnerException: IOException } or IOException => $"was lost: the server or the way to it went away. {Unknown}",
            NpgsqlException => $"cannot be used: look after the server. {Unknown}",
            _ => null,
        };

    private static string? Remedy(string state) =>
        state switch
        {
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
                $"is stopping or starting: it is tried again with the next request. {Unknown}",
            PostgresErrorCodes.TooManyConnections =>
                $"takes no more connections: raise max_connections there, or lower {PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.MaxConnections)} of the silos.",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                "is read-only: name the primary, or all hosts with Target Session Attributes=primary.",
            PostgresErrorCodes.DiskFull => "cannot grow: make room on its disk. Nothing of the write was kept.",
            PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.InsufficientResources =>
                "is out of memory or another resource: look after the server.",
            PostgresErrorCodes.IoError => "cannot read or write its files: look after its disk.",
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "is damaged: restore a backup.",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                "refuses this user: check user name, password and pg_hba.conf.",
            PostgresErrorCodes.InvalidCatalogName => "does not exist: create it, or name another.",
            PostgresErrorCodes.InsufficientPrivilege => "does not let this user do what is needed: make it the owner of the database.",
            PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable =>
                "did not answer in time: look after the server, its disk and its locks. Nothing of the write was kept.",
            // A connection that went away, and a server that is not the one that is wanted.
            _ when state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal) =>
                $"was lost: look after the server. {Unknown}",
            _ => null,
        };
}
