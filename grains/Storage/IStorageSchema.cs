namespace DeployCard.Grains.Storage;

/// <summary>The schema of a database, as the scripts of this version make it.</summary>
public interface IStorageSchema
{
    /// <summary>
    /// Runs the scripts that the database does not have yet, and returns their names in order; none when it is up to date. Several processes
    /// may do so at once: each script runs once.
    /// </summary>
    /// <exception cref="StorageException">The database cannot be used as it is, or is of a newer version: the message says what to do.</exception>
    IReadOnlyList<string> Apply();
}
