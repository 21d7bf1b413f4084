using DbUp.Builder;
using DbUp.Engine;

namespace DeployCard.Grains.Storage;

/// <summary>The scripts of one database, and what holds for those of all.</summary>
internal static class SchemaScripts
{
    /// <summary>Runs them in the order of their names, in one transaction.</summary>
    /// <param name="builder">The database.</param>
    /// <param name="database">The folder below <c>Storage</c> whose <c>Scripts</c> they are.</param>
    public static UpgradeEngine BuildFor(this UpgradeEngineBuilder builder, string database) => builder
        .WithScripts(Read($".Storage.{database}.Scripts."))
        .WithTransaction()
        // Paths into JSON and bodies of functions have a '$', which DbUp would take for a variable.
        .WithVariablesDisabled()
        .LogToNowhere()
        .Build();

    /// <summary>A newer binary has been here; what its scripts changed is not known to this one.</summary>
    public static void RefuseNewer(this UpgradeEngine upgrader, string database)
    {
        var unknown = upgrader.GetExecutedButNotDiscoveredScripts();
        if (unknown.Count > 0)
        {
            throw new StorageException(
                $"The database '{database}' was written by a newer version of DeployCard (it has {string.Join(", ", unknown)}): run that version, or restore a backup made before it.");
        }
    }

    private static IEnumerable<SqlScript> Read(string folder)
    {
        var assembly = typeof(SchemaScripts).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.Contains(folder)).Order(StringComparer.Ordinal))
        {
            // Known by the file's name alone, so that a namespace may change.
            var name = resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..];
            yield return SqlScript.FromStream(name, assembly.GetManifestResourceStream(resource)!);
        }
    }
}
