using DbUp.Engine;
using DeployCard.Contracts.Storage;

namespace DeployCard.Storage.Sql;

/// <summary>Loads the schema scripts of a database, which are embedded in the assembly.</summary>
internal static class SchemaScripts
{
    /// <summary>
    /// Returns the scripts of a database in the order of their numbers. The file name without the namespace identifies a script, so that
    /// the namespace may change.
    /// </summary>
    /// <param name="database">Name of the database's folder: <c>Sqlite</c> or <c>PostgreSql</c>.</param>
    public static IEnumerable<SqlScript> Load(string database)
    {
        var folder = $".Storage.{database}.Scripts.";
        var assembly = typeof(SchemaScripts).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.Contains(folder)).Order(StringComparer.Ordinal))
            yield return SqlScript.FromStream(
                resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..],
                assembly.GetManifestResourceStream(resource)!
            );
    }

    /// <summary>Throws if a newer version has upgraded the database: this version does not know what the newer scripts changed.</summary>
    /// <exception cref="StorageException">The database has scripts that this version does not contain.</exception>
    public static void ThrowIfNewer(this UpgradeEngine upgrader, string database)
    {
        var unknown = upgrader.GetExecutedButNotDiscoveredScripts();
        if (unknown.Count > 0)
        {
            throw new StorageException(
                $"The database {database} was upgraded by a newer version of DeployCard, which applied {string.Join(", ", unknown)}: "
                    + "run that version, or restore a backup made before the upgrade."
            );
        }
    }
}
