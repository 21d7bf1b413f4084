using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Load;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Checks that no request fails while an update replaces every pod by a pod of the new revision.</summary>
internal sealed class UpdateBenchmark : IBenchmark
{
    private const int Clients = 16;
    private static readonly TimeSpan DelayBeforeUpdate = TimeSpan.FromSeconds(1);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("updates under load");
        var table = new Table(
            $"Updates under load ({Clients} clients, {options.Updates} updates)",
            "pods",
            "requests",
            "errors",
            "update took, ms",
            "old pods ended, ms"
        );
        foreach (var pods in new[] { 1, 2 })
            await Run(testbed.Silo, pods, options.Updates, table, report, cancellationToken);
        table.AddNote("An update is complete when only pods of the new revision are ready.");
        report.WriteTable(table);
    }

    private static async Task Run(SiloServer silo, int pods, int updates, Table table, Report report, CancellationToken cancellationToken)
    {
        var name = $"update-{pods}";
        var key = await silo.Card.Deploy(name, $"{pods}-{pods}", cancellationToken);
        await silo.Card.WaitForPods(name, all => all.Count(p => p.IsReady) == pods, cancellationToken);
        var (updated, ended) = (new List<double>(), new List<double>());
        await using var load = new SteadyLoad(
            new(Target.DeployCard, silo.GetPredictOrigin(name), key, [silo.ProcessId]),
            Scenario.Prediction,
            Clients
        );
        for (var i = 0; i < updates; i++)
        {
            await Task.Delay(DelayBeforeUpdate, TimeProvider.System, cancellationToken);
            var began = TimeProvider.System.GetTimestamp();
            var revision = await silo.Card.Update(name, $"{i}", cancellationToken);
            await silo.Card.WaitForPods(
                name,
                all => all.Count(p => p.IsReady && p.Revision == revision) == pods && !all.Any(p => p.IsReady && p.Revision < revision),
                cancellationToken
            );
            updated.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
            await silo.Card.WaitForPods(name, all => all.All(p => p.Revision == revision || p.HasEnded), cancellationToken);
            ended.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
            Report.WriteProgress(
                $"  {pods}-{pods}  update {i + 1} took {updated[^1]:0} ms, old pods ended after {ended[^1]:0} ms, "
                    + $"{load.Requests:N0} requests, {load.Errors} errors"
            );
        }

        await load.Stop();
        if (load.Errors > 0)
            report.RecordFailure(
                $"updates under load, {pods}-{pods}: {load.Errors} of {load.Requests} requests failed; first errors: "
                    + string.Join(" | ", load.ErrorMessages)
            );
        table.AddRow(
            $"{pods}-{pods}",
            $"{load.Requests:N0}",
            $"{load.Errors}",
            new Spread(updated).ToString("0"),
            new Spread(ended).ToString("0")
        );
        await silo.Card.Delete(name, cancellationToken);
    }
}
