namespace DeployCard.Silo.Hosting;

/// <summary>Why the silo cannot start, in one line for the person who started it.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
