using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>One thing that is measured, with a silo of its own.</summary>
internal interface IBenchmark
{
    Task Run(BenchOptions options, Report report, CancellationToken cancellationToken);
}
