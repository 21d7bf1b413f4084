namespace DeployCard.Silo.Hosting;

/// <summary>An expected reason for which the silo cannot start. Its message is printed on one line, for the administrator.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
