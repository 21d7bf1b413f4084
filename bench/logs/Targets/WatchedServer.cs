namespace DeployCard.Bench.Logs.Targets;

/// <summary>A server to which the fan-out benchmark subscribes.</summary>
/// <param name="Name">Name in the table.</param>
/// <param name="Origin">URL of the server, without a path.</param>
/// <param name="Token">Token of the <c>connection_init</c> message.</param>
/// <param name="ProcessId">Process id of the server.</param>
/// <param name="SendToWriter">Sends a request for a path to the program that writes the lines.</param>
internal sealed record WatchedServer(string Name, string Origin, string Token, int ProcessId, Func<string, Task> SendToWriter);
