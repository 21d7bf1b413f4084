namespace DeployCard.Bench.Cluster;

/// <summary>How long, how often and how much.</summary>
/// <param name="Duration">Of one run of the load generator.</param>
/// <param name="Rounds">How often each way is measured.</param>
/// <param name="Tries">Readings of a page, and a tenth of it starts of a silo.</param>
/// <param name="Deployments">Deployments at rest.</param>
/// <param name="History">Past calls of one deployment.</param>
/// <param name="Due">Calls whose retention is over at once.</param>
/// <param name="Silos">The most silos at once.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Tries, int Deployments, int History, int Due, int Silos);
