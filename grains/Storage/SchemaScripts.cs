using DbUp.Engine;

namespace DeployCard.Grains.Storage;

/// <summary>The scripts of a database, from its folder <c>Scripts/</c> beside this file.</summary>
internal static class SchemaScripts
{
    /// <summary>All of them in the order of their numbers, each known by the file's name alone, so that a namespace may change.</summary>
    /// <param name="database">The name of the database's folder.</param>
    public static IEnumerable<SqlScript> Of(string database)
    {
        var folder = $".Storage.{database}.Scripts.";
        var assembly = typeof(SchemaScripts).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.Contains(folder)).Order(StringComparer.Ordinal))
            yield return SqlScript.FromStream(
                resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..],
                assembly.GetManifestResourceStream(resource)!
            );
    }

    /// <summary>A newer binary has been here; what its scripts changed is not known to this one.</summary>
    /// <exception cref="StorageException">That is so.</exception>
    public static void RefuseNewer(this UpgradeEngine upgrader, string database)
    {
        var unknown = upgrader.GetExecutedButNotDiscoveredScripts();
        if (unknown.Count > 0)
        {
            throw new StorageException(
                $"The database {database} was written by a newer version of DeployCard (it has {string.Join(", ", unknown)}): run that version, or restore a backup made before it."
            );
        }
    }
}
