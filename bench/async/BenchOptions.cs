namespace DeployCard.Bench.Async;

/// <summary>How long and how often.</summary>
/// <param name="Duration">Of one run of the load generator.</param>
/// <param name="Rounds">How often each way is measured.</param>
/// <param name="Tries">Calls one at a time, and readings of a page.</param>
/// <param name="Queued">Calls that wait when the silo is killed.</param>
/// <param name="History">Past calls of one deployment.</param>
/// <param name="Due">Calls whose retention is over at once.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Tries, int Queued, int History, int Due);
