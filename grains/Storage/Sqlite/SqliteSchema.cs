using DbUp;
using DbUp.Engine;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace DeployCard.Storage.Sqlite;

/// <summary>
/// Upgrades a SQLite database with the scripts in <c>Scripts/</c>, in one transaction, before the first grain is activated.
/// </summary>
internal sealed partial class SqliteSchema(IOptions<SqliteStorageOptions> options, ILogger<SqliteSchema> logger) : IStorageSchema
{
    private readonly string path = options.Value.Path;

    /// <inheritdoc/>
    /// <remarks>Creates the file and its folder if they do not exist.</remarks>
    public IReadOnlyList<string> Apply()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return Upgrade();
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The folder of the database '{path}' is not usable: configure a path that this user may write to. ({e.Message})",
                e
            );
        }
    }

    private IReadOnlyList<string> Upgrade()
    {
        var upgrader = Upgrader();
        upgrader.ThrowIfNewer($"'{path}'");
        var result = upgrader.PerformUpgrade();
        if (!result.Successful)
            throw Failure(result);
        foreach (var script in result.Scripts)
            LogScriptApplied(logger, path, script.Name);
        return [.. result.Scripts.Select(script => script.Name)];
    }

    private UpgradeEngine Upgrader() =>
        DeployChanges
            .To.SqliteDatabase(ConnectionString())
            .WithScripts(SchemaScripts.Load("Sqlite"))
            // The transaction acquires the lock before it checks which scripts are missing. A second process waits and then finds none.
            .WithTransaction()
            // JSON paths in the scripts begin with '$', which DbUp would treat as a variable.
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();

    private StorageException Failure(DatabaseUpgradeResult result) =>
        result.Error switch
        {
            SqliteException e when SqliteErrors.Translate(e, path) is StorageException explained => explained,
            var e => new(
                $"The upgrade of the database '{path}' failed in script {result.ErrorScript?.Name}; "
                    + $"the database is unchanged. ({e.Message})",
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

    [LoggerMessage(Level = LogLevel.Information, Message = "The database '{Path}' was upgraded by schema script {Script}")]
    private static partial void LogScriptApplied(ILogger logger, string path, string script);
}
