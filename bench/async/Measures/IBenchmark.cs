using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>One thing that is measured.</summary>
internal interface IBenchmark
{
    Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken);
}
