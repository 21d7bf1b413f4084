using DbUp;
using DbUp.Engine;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Brings the database to this version of the scripts in <c>Scripts/</c>, all of them or none, however many silos begin at once.</summary>
internal sealed partial class PostgreSqlSchema(IOptions<PostgreSqlStorageOptions> options, TimeProvider time, ILogger<PostgreSqlSchema> logger) : IStorageSchema
{
    // Held by the session that takes it, so it goes with a silo that dies. Any number will do; all versions must use the same.
    private const long Lock = 0x64636c6f636b;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string database = PostgreSqlConnections.Name(options.Value);
    private readonly string connectionString = PostgreSqlConnections.Alone(options.Value);

    /// <inheritdoc/>
    public IReadOnlyList<string> Apply()
    {
        try
        {
            using var holder = new NpgsqlConnection(connectionString);
            holder.Open();
            WaitForLock(holder);
            return Upgrade();
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Explain(e, database);
        }
    }

    private void WaitForLock(NpgsqlConnection holder)
    {
        using var take = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Lock})", holder);
        using var pause = new ManualResetEventSlim();
        var started = time.GetTimestamp();
        while (take.ExecuteScalar() is not true)
        {
            if (time.GetElapsedTime(started) > options.Value.SchemaTimeout)
                throw new StorageException($"Another silo has been changing the schema of the database {database} for {options.Value.SchemaTimeout}: wait for its end, or raise Storage:SchemaTimeout.");
            pause.Wait(Pause);
        }
    }

    private List<string> Upgrade()
    {
        var upgrader = DeployChanges.To.PostgresqlDatabase(connectionString).BuildFor("PostgreSql");
        upgrader.RefuseNewer(database);
        var result = upgrader.PerformUpgrade();
        if (!result.Successful)
            throw Failure(result);
        foreach (var script in result.Scripts)
            LogApplied(logger, database, script.Name);
        return [.. result.Scripts.Select(script => script.Name)];
    }

    private StorageException Failure(DatabaseUpgradeResult result) =>
        new($"The database {database} could not be brought to this version by {result.ErrorScript?.Name}; it is as it was. ({result.Error.Message})", result.Error);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database {Database} took the script {Script}.")]
    private static partial void LogApplied(ILogger logger, string database, string script);
}
