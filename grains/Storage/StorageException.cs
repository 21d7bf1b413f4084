namespace DeployCard.Grains.Storage;

/// <summary>Storage cannot be used or lost its disk: the message names the database and what to do, fit to be printed alone on one line.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
