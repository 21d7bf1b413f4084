using DbUp;
using DbUp.Engine;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DeployCard.Storage.PostgreSql;

/// <summary>
/// Upgrades a PostgreSQL database with the scripts in <c>Scripts/</c>, in one transaction, before the first grain is activated.
/// </summary>
internal sealed partial class PostgreSqlSchema(IOptions<PostgreSqlStorageOptions> options, ILogger<PostgreSqlSchema> logger)
    : IStorageSchema
{
    /// <summary>
    /// Key of the advisory lock that the process holds during the upgrade. All programs of the database share the key space, so the key is
    /// "DeployCa" in ASCII.
    /// </summary>
    private const long Lock = 0x4465706C6F794361;

    private readonly string connectionString = PostgreSqlConnections.SchemaConnectionString(options.Value);

    private string Name => PostgreSqlErrors.DescribeDatabase(connectionString);

    /// <inheritdoc/>
    public IReadOnlyList<string> Apply()
    {
        try
        {
            // The server releases the lock when the connection closes, even if this process is killed.
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            RequireSynchronousCommit(connection);
            RequireUtf8(connection);
            AcquireLock(connection);
            return Upgrade();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or System.ComponentModel.Win32Exception)
        {
            throw Failure(e, "the first script");
        }
    }

    /// <summary>
    /// Throws if commits are asynchronous: a crash of the server could then lose confirmed writes, and with them accepted calls.
    /// </summary>
    private void RequireSynchronousCommit(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SHOW synchronous_commit", connection);
        if (command.ExecuteScalar() is "off")
        {
            throw new StorageException(
                $"{Name} has synchronous_commit = off, so a crash of the server can lose confirmed writes: set it to on in the server's "
                    + "configuration or with ALTER DATABASE … SET synchronous_commit = on."
            );
        }
    }

    /// <summary>Throws if the encoding is not UTF8, because names and texts may contain any Unicode character.</summary>
    private void RequireUtf8(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SHOW server_encoding", connection);
        if (command.ExecuteScalar() is not "UTF8" and var encoding)
            throw new StorageException(
                $"{Name} has the encoding {encoding}, but must have UTF8: create another database with "
                    + "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
            );
    }

    private void AcquireLock(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            "SELECT set_config('lock_timeout', @timeout, false); SELECT pg_advisory_lock(@lock)",
            connection
        );
        command.Parameters.AddWithValue("timeout", $"{options.Value.SchemaLockTimeout.TotalMilliseconds:0}ms");
        command.Parameters.AddWithValue("lock", Lock);
        try
        {
            command.ExecuteNonQuery();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StorageException(
                $"{Name} is still being upgraded by another process after {options.Value.SchemaLockTimeout}: wait for it, or raise "
                    + $"{PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.SchemaLockTimeout)}.",
                e
            );
        }
    }

    private IReadOnlyList<string> Upgrade()
    {
        var upgrader = Upgrader();
        upgrader.ThrowIfNewer(Name["The database ".Length..]);
        var result = upgrader.PerformUpgrade();
        if (!result.Successful)
            throw Failure(result.Error, result.ErrorScript?.Name ?? "a script");
        foreach (var script in result.Scripts)
            LogScriptApplied(logger, Name, script.Name);
        return [.. result.Scripts.Select(script => script.Name)];
    }

    private UpgradeEngine Upgrader() =>
        DeployChanges
            .To.PostgresqlDatabase(connectionString)
            .WithScripts(SchemaScripts.Load("PostgreSql"))
            .WithTransaction()
            .WithExecutionTimeout(TimeSpan.Zero)
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();

    private StorageException Failure(Exception error, string script) =>
        PostgreSqlErrors.IsStorageFailure(error)
            ? PostgreSqlErrors.Translate(error, connectionString)
            : new(
                $"{Name} was not upgraded because {script} failed; the database is unchanged. ({error.Message.ReplaceLineEndings(" ")})",
                error
            );

    [LoggerMessage(Level = LogLevel.Information, Message = "{Database} was upgraded by schema script {Script}")]
    private static partial void LogScriptApplied(ILogger logger, string database, string script);
}
