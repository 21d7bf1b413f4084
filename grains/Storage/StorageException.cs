namespace DeployCard.Grains.Storage;

/// <summary>Storage cannot be used or lost its disk: the message names the database and what to do, fit to be printed alone on one line.</summary>
[GenerateSerializer(IncludePrimaryConstructorParameters = false), Alias("storage-away")]
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether a grain's storage failed: Orleans puts what that throws into a plain exception of its own.</summary>
    public static bool IsCauseOf(Exception exception) =>
        exception is StorageException || (exception.GetType() == typeof(OrleansException) && exception.InnerException is not null);
}
