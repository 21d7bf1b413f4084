namespace DeployCard.Contracts.Storage;

/// <summary>Upgrades the schema of a database with the scripts of this version.</summary>
public interface IStorageSchema
{
    /// <summary>
    /// Runs the scripts that the database does not have yet and returns their names in order; the list is empty if the schema is up to
    /// date. Several processes may call this concurrently; each script runs once.
    /// </summary>
    /// <exception cref="StorageException">
    /// The database is unusable or was upgraded by a newer version. The message names the remedy.
    /// </exception>
    IReadOnlyList<string> Apply();
}
