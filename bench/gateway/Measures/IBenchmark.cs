using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>One thing that is measured.</summary>
internal interface IBenchmark
{
    Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken);
}
