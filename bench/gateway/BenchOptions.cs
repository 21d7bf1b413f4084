namespace DeployCard.Bench.Gateway;

/// <summary>How long and how often.</summary>
/// <param name="Duration">Of one run of the load generator.</param>
/// <param name="Rounds">How often each way is measured.</param>
/// <param name="Tries">First requests at zero pods.</param>
/// <param name="Updates">Updates under load.</param>
/// <param name="StreamBytes">The size of the large bodies.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Tries, int Updates, long StreamBytes);
