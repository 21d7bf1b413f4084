namespace DeployCard.Bench.Gateway;

/// <summary>Durations, repetitions and sizes, from the command line.</summary>
/// <param name="Duration">Duration of one run of the load generator.</param>
/// <param name="Rounds">Number of measurements of each target.</param>
/// <param name="Tries">Number of first requests at zero pods.</param>
/// <param name="Updates">Number of updates under load.</param>
/// <param name="StreamBytes">Size of the large bodies, in bytes.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Tries, int Updates, long StreamBytes);
