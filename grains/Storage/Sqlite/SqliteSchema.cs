using DbUp;
using DbUp.Engine;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>Brings the database to this version of the scripts in <c>Scripts/</c>, all of them or none, before a grain runs.</summary>
internal sealed partial class SqliteSchema(IOptions<SqliteStorageOptions> options, ILogger<SqliteSchema> logger)
{
    private const string Folder = ".Storage.Sqlite.Scripts.";
    private readonly string _path = options.Value.Path;

    /// <summary>Makes the file and its folder where they are missing, and runs the scripts that it does not have yet.</summary>
    /// <exception cref="StorageException">The database cannot be used as it is: the message says why and what to do.</exception>
    public void Apply()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            Upgrade();
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Explain(e, _path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder of the database '{_path}' cannot be used: give a path that this user may write to. ({e.Message})", e);
        }
    }

    private void Upgrade()
    {
        var upgrader = Upgrader();
        RefuseNewer(upgrader);
        var result = upgrader.PerformUpgrade();
        if (!result.Successful)
            throw Failure(result);
        foreach (var script in result.Scripts)
            LogApplied(logger, _path, script.Name);
    }

    private UpgradeEngine Upgrader() => DeployChanges.To
        .SqliteDatabase(ConnectionString())
        .WithScripts(Scripts())
        // One transaction takes the lock before it looks which scripts are missing: a second process waits and finds none.
        .WithTransaction()
        // Paths into JSON begin with a '$', which DbUp would take for a variable.
        .WithVariablesDisabled()
        .LogToNowhere()
        .Build();

    /// <summary>A newer binary has been here; what its scripts changed is not known to this one.</summary>
    private void RefuseNewer(UpgradeEngine upgrader)
    {
        var unknown = upgrader.GetExecutedButNotDiscoveredScripts();
        if (unknown.Count > 0)
        {
            throw new StorageException(
                $"The database '{_path}' was written by a newer version of DeployCard (it has {string.Join(", ", unknown)}): run that version, or restore a backup made before it.");
        }
    }

    private StorageException Failure(DatabaseUpgradeResult result) => result.Error switch
    {
        SqliteException e when SqliteErrors.Explain(e, _path) is StorageException explained => explained,
        var e => new($"The database '{_path}' could not be brought to this version by {result.ErrorScript?.Name}; it is as it was. ({e.Message})", e),
    };

    private string ConnectionString() => new SqliteConnectionStringBuilder
    {
        DataSource = _path,
        Pooling = false,
        DefaultTimeout = (int)Math.Ceiling(options.Value.BusyTimeout.TotalSeconds),
    }.ToString();

    private static IEnumerable<SqlScript> Scripts()
    {
        var assembly = typeof(SqliteSchema).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.Contains(Folder)).Order(StringComparer.Ordinal))
        {
            // Known by the file's name alone, so that a namespace may change.
            var name = resource[(resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..];
            yield return SqlScript.FromStream(name, assembly.GetManifestResourceStream(resource)!);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The database '{Path}' took the script {Script}.")]
    private static partial void LogApplied(ILogger logger, string path, string script);
}
