using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>A benchmark that can be selected with <c>--only</c>.</summary>
internal interface IBenchmark
{
    /// <summary>Runs the benchmark and adds its tables and failures to the report.</summary>
    Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken);
}
