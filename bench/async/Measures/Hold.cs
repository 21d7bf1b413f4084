using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Measures nothing: keeps all servers running until Ctrl+C, for a profiler or manual requests.</summary>
internal sealed class Hold : IBenchmark
{
    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (peer, _) = await testbed.StartPeer(cancellationToken);
        var table = new Table("Running until Ctrl+C", "", "URL", "processes", $"{Target.KeyHeader}");
        foreach (var target in new[] { testbed.SiloTarget, peer })
            table.AddRow(target.Name, target.GetUrl(Paths.Prediction), string.Join(' ', target.Processes), target.Key);
        report.WriteTable(table);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
