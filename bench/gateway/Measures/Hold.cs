using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Measures nothing: keeps all servers running until Ctrl+C, for a profiler or manual requests.</summary>
internal sealed class Hold : IBenchmark
{
    public Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var table = new Table("Running until Ctrl+C", "", "URL", "processes", $"{Target.KeyHeader}");
        foreach (var target in testbed.Targets)
            table.AddRow(target.Name, target.GetUrl(Scenario.Prediction), string.Join(' ', target.Processes), target.Key);
        report.WriteTable(table);
        return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
