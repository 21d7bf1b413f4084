using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>A benchmark that can be selected with <c>--only</c>. Each benchmark starts its own silo.</summary>
internal interface IBenchmark
{
    /// <summary>Runs the benchmark and adds its tables and failures to the report.</summary>
    Task Run(BenchOptions options, Report report, CancellationToken cancellationToken);
}
