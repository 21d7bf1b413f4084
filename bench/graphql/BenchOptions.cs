namespace DeployCard.Bench.GraphQL;

/// <summary>How long and how often.</summary>
/// <param name="Duration">Of one run of the load generator.</param>
/// <param name="Rounds">How often each operation is measured.</param>
/// <param name="Deployments">How many there are.</param>
/// <param name="Types">Whether to tell which types are allocated.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Deployments, bool Types);
