namespace DeployCard.Grains.Storage;

/// <summary>The schema of the storage, as this version of the program needs it.</summary>
public interface IStorageSchema
{
    /// <summary>Runs the scripts that the database does not have yet, all of them or none. Returns their names; none where it has them all.</summary>
    /// <exception cref="StorageException">The database cannot be used as it is: the message says why and what to do.</exception>
    IReadOnlyList<string> Apply();
}
