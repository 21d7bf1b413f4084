namespace DeployCard.Bench.Async;

/// <summary>Durations, repetitions and sizes, from the command line.</summary>
/// <param name="Duration">Duration of one run of the load generator.</param>
/// <param name="Rounds">Number of rounds of a throughput measurement.</param>
/// <param name="Tries">Number of calls of the latency benchmark, and of reads of each page.</param>
/// <param name="Queued">Number of queued calls when the silo is killed.</param>
/// <param name="History">Number of past calls of the deployment whose pages are read.</param>
/// <param name="Due">Number of calls that expire at the same time.</param>
internal sealed record BenchOptions(TimeSpan Duration, int Rounds, int Tries, int Queued, int History, int Due);
