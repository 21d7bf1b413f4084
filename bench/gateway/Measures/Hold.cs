using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Measures nothing: keeps everything running until Ctrl+C, for a profiler or a look by hand.</summary>
internal sealed class Hold : IBenchmark
{
    public Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var table = new Table("Running until Ctrl+C", "", "URL", "processes", $"{Target.KeyHeader}");
        foreach (var target in stage.Targets)
            table.Add(target.Name, target.Url(Scenario.Prediction), string.Join(' ', target.Processes), target.Key);
        report.Add(table);
        return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
