using DbUp;
using DbUp.Engine;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Brings the database to this version of the scripts in <c>Scripts/</c>, all of them or none, before a grain runs.</summary>
internal sealed partial class PostgreSqlSchema(IOptions<PostgreSqlStorageOptions> options, ILogger<PostgreSqlSchema> logger)
    : IStorageSchema
{
    /// <summary>Whoever changes the schema holds it: "DeployCa" as a number, for every program that uses the database has the same numbers.</summary>
    private const long Lock = 0x4465706C6F794361;

    private readonly string connectionString = PostgreSqlConnections.Single(options.Value);

    private string Name => PostgreSqlErrors.Name(connectionString);

    /// <inheritdoc/>
    public IReadOnlyList<string> Apply()
    {
        try
        {
            // The lock goes with the connection, also when this process is killed.
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            RefuseAsynchronousCommits(connection);
            RefuseOtherEncodings(connection);
            TakeLock(connection);
            return Upgrade();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or System.ComponentModel.Win32Exception)
        {
            throw Failure(e, "the first script");
        }
    }

    /// <summary>With them a crash of the database takes back what was confirmed: an accepted call would be lost.</summary>
    private void RefuseAsynchronousCommits(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SHOW synchronous_commit", connection);
        if (command.ExecuteScalar() is "off")
        {
            throw new StorageException(
                $"{Name} confirms what a crash of it may take back, for its setting synchronous_commit is off: set it to on, for the server or by ALTER DATABASE … SET synchronous_commit = on."
            );
        }
    }

    /// <summary>Names and texts are any that Unicode has.</summary>
    private void RefuseOtherEncodings(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SHOW server_encoding", connection);
        if (command.ExecuteScalar() is not "UTF8" and var encoding)
            throw new StorageException(
                $"{Name} has the encoding {encoding}, and must have UTF8: make another one by CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
            );
    }

    private void TakeLock(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            "SELECT set_config('lock_timeout', @most, false); SELECT pg_advisory_lock(@lock)",
            connection
        );
        command.Parameters.AddWithValue("most", $"{options.Value.SchemaLockTimeout.TotalMilliseconds:0}ms");
        command.Parameters.AddWithValue("lock", Lock);
        try
        {
            command.ExecuteNonQuery();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StorageException(
                $"{Name} is still being brought to another version by another process after {options.Value.SchemaLockTimeout}: wait for that one, or raise "
                    + $"{PostgreSqlStorageOptions.Section}:{nameof(PostgreSqlStorageOptions.SchemaLockTimeout)}.",
                e
            );
        }
    }

    private IReadOnlyList<string> Upgrade()
    {
        var upgrader = Upgrader();
        upgrader.RefuseNewer(Name["The database ".Length..]);
        var result = upgrader.PerformUpgrade();
        if (!result.Successful)
            throw Failure(result.Error, result.ErrorScript?.Name ?? "a script");
        foreach (var script in result.Scripts)
            LogApplied(logger, Name, script.Name);
        return [.. result.Scripts.Select(script => script.Name)];
    }

    private UpgradeEngine Upgrader() =>
        DeployChanges
            .To.PostgresqlDatabase(connectionString)
            .WithScripts(SchemaScripts.Of("PostgreSql"))
            .WithTransaction()
            .WithExecutionTimeout(TimeSpan.Zero)
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();

    private StorageException Failure(Exception error, string script) =>
        PostgreSqlErrors.IsOfStorage(error)
            ? PostgreSqlErrors.Explain(error, connectionString)
            : new(
                $"{Name} could not be brought to this version by {script}; it is as it was. ({error.Message.ReplaceLineEndings(" ")})",
                error
            );

    [LoggerMessage(Level = LogLevel.Information, Message = "{Database} took the script {Script}.")]
    private static partial void LogApplied(ILogger logger, string database, string script);
}
