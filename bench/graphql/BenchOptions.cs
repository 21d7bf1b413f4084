namespace DeployCard.Bench.GraphQL;

/// <summary>Durations, repetitions and sizes, from the command line.</summary>
/// <param name="Duration">Duration of one run of the load generator.</param>
/// <param name="Rounds">Number of measurements of each operation.</param>
/// <param name="Deployments">Number of deployments of the silo.</param>
/// <param name="ListsTypes">Whether the report lists the types that the silo allocates.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Deployments, bool ListsTypes);
