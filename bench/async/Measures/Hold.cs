using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Measures nothing: keeps everything running until Ctrl+C, for a profiler or a look by hand.</summary>
internal sealed class Hold : IBenchmark
{
    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (peer, _) = await stage.StartPeer(cancellationToken);
        var table = new Table("Running until Ctrl+C", "", "URL", "processes", $"{Target.KeyHeader}");
        foreach (var target in new[] { stage.Ours, peer })
            table.Add(target.Name, target.Url(Paths.Prediction), string.Join(' ', target.Processes), target.Key);
        report.Add(table);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
