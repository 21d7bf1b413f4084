using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>One thing that is measured.</summary>
internal interface IBenchmark
{
    Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken);
}
