namespace DeployCard.Bench.Cluster;

/// <summary>Durations, repetitions and sizes, from the command line.</summary>
/// <param name="Duration">Duration of one run of the load generator.</param>
/// <param name="Rounds">Number of measurements for each number of silos.</param>
/// <param name="Tries">Number of reads of each page.</param>
/// <param name="Deployments">Number of inactive deployments.</param>
/// <param name="History">Number of past calls of one deployment.</param>
/// <param name="Due">Number of calls that expire at the same time.</param>
/// <param name="Silos">Maximum number of silos.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Tries, int Deployments, int History, int Due, int Silos);
