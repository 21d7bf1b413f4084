using DbUp;
using DbUp.Engine;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>Brings the database to this version of the scripts in <c>Scripts/</c>, all of them or none, before a grain runs.</summary>
internal sealed partial class SqliteSchema(IOptions<SqliteStorageOptions> options, ILogger<SqliteSchema> logger) : IStorageSchema
{
    private readonly string path = options.Value.Path;

    /// <inheritdoc/>
    /// <remarks>Makes the file and its folder where they are missing.</remarks>
    public IReadOnlyList<string> Apply()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return Upgrade();
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Explain(e, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The folder of the database '{path}' cannot be used: give a path that this user may write to. ({e.Message})",
                e
            );
        }
    }

    private IReadOnlyList<string> Upgrade()
    {
        var upgrader = Upgrader();
        upgrader.RefuseNewer($"'{path}'");
        var result = upgrader.PerformUpgrade();
        if (!result.Successful)
            throw Failure(result);
        foreach (var script in result.Scripts)
            LogApplied(logger, path, script.Name);
        return [.. result.Scripts.Select(script => script.Name)];
    }

    private UpgradeEngine Upgrader() =>
        DeployChanges
            .To.SqliteDatabase(ConnectionString())
            .WithScripts(SchemaScripts.Of("Sqlite"))
            // One transaction takes the lock before it looks which scripts are missing: a second process waits and finds none.
            .WithTransaction()
            // Paths into JSON begin with a '$', which DbUp would take for a variable.
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();

    private StorageException Failure(DatabaseUpgradeResult result) =>
        result.Error switch
        {
            SqliteException e when SqliteErrors.Explain(e, path) is StorageException explained => explained,
            var e => new(
                $"The database '{path}' could not be brought to this version by {result.ErrorScript?.Name}; it is as it was. ({e.Message})",
                e
            ),
        };

    private string ConnectionString() =>
        new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = (int)Math.Ceiling(options.Value.BusyTimeout.TotalSeconds),
        }.ToString();

    [LoggerMessage(Level = LogLevel.Information, Message = "The database '{Path}' took the script {Script}.")]
    private static partial void LogApplied(ILogger logger, string path, string script);
}
