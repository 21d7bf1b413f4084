namespace DeployCard.Contracts.Storage;

/// <summary>
/// Thrown if storage is unavailable, full, read-only, too slow or damaged. The message is a single line that names the database and the
/// remedy.
/// </summary>
[GenerateSerializer(IncludePrimaryConstructorParameters = false), Alias("storage-away")]
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>
    /// Whether an exception was caused by storage. Orleans wraps exceptions of grain storage in a plain <see cref="OrleansException"/>.
    /// </summary>
    public static bool IsCauseOf(Exception exception) =>
        exception is StorageException || (exception.GetType() == typeof(OrleansException) && exception.InnerException is not null);
}
