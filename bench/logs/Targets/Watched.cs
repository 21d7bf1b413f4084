namespace DeployCard.Bench.Logs.Targets;

/// <summary>A server whose lines are watched.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Origin">Where it is.</param>
/// <param name="Token">What it wants to see.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Ask">Asks what writes the lines.</param>
internal sealed record Watched(string Name, string Origin, string Token, int ProcessId, Func<string, Task> Ask);
