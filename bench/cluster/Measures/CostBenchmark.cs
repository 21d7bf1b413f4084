using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>What a call costs with one silo and with several on the same machine. They share its cores, so that the processor time tells more than the speed.</summary>
internal sealed class CostBenchmark : IBenchmark
{
    private const string Deployment = "bench";
    private const string Predict = "/v1/models/bench:predict";
    private const string Never = "/never";
    private const int Connections = 64;
    private static readonly string[] Asynchronous = ["X-Async-Request: true"];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Sessions of the database tell what they did after ten seconds of rest.</summary>
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(11);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (sync, end, accept, written) = (
            CostTable(
                $"Warm predictions through all gateways at once ({Connections} connections together, 1 KiB; medians of {options.Rounds} rounds)",
                "requests/s"
            ),
            CostTable($"Asynchronous calls from end to end (the same; an instant model)", "completed/s"),
            CostTable($"Accepted durably while none runs (the same)", "accepts/s"),
            new Table(
                "What PostgreSQL writes for a call from its accept to its end",
                "",
                "WAL bytes",
                "commits",
                "rows inserted",
                "rows updated",
                "of these in place",
                "rows deleted"
            )
        );
        for (var count = 1; count <= options.Silos; count++)
        {
            Report.Progress($"cost, {count} silos");
            await stage.Open(count, cancellationToken);
            var key = await stage.Silo.Card.Deploy(Deployment, "1-1", cancellationToken);
            await stage.Silo.Card.WaitForPods(Deployment, pods => pods.Any(p => p.IsReady), cancellationToken);
            var load = new ClusterLoad(stage, Deployment, key, Connections, report);
            Add(sync, count, await Rounds(options, duration => load.Take(Predict, [], duration, untilEnded: false, cancellationToken)));
            var writes = new List<Writes>();
            Add(
                end,
                count,
                await Rounds(
                    options,
                    async duration =>
                    {
                        var before = await stage.Database.Written(cancellationToken);
                        var (all, taken) = (
                            await stage.Database.Calls(cancellationToken),
                            await load.Take(Predict, Asynchronous, duration, untilEnded: true, cancellationToken)
                        );
                        await Task.Delay(Told, TimeProvider.System, cancellationToken);
                        writes.Add(
                            (await stage.Database.Written(cancellationToken) - before)
                                / (await stage.Database.Calls(cancellationToken) - all)
                        );
                        return taken;
                    }
                )
            );
            string Middle(Func<Writes, double> value, string format) => new Spread(writes.Skip(1).Select(value)).ToString(format);
            written.Add(
                Name(count),
                Middle(w => w.WalBytes, "N0"),
                Middle(w => w.Commits, "0.00"),
                Middle(w => w.Inserted, "0.00"),
                Middle(w => w.Updated, "0.00"),
                Middle(w => w.Hot, "0.00"),
                Middle(w => w.Deleted, "0.00")
            );
            // Last: those that run never end, and are in the way of all others.
            Add(
                accept,
                count,
                await Rounds(options, duration => load.Take(Never, Asynchronous, duration, untilEnded: false, cancellationToken))
            );
        }

        foreach (var table in new[] { sync, end, accept, written })
            report.Add(table);
    }

    private static Table CostTable(string title, string speed) =>
        new(title, "", speed, "silos' CPU, µs", "PostgreSQL's CPU, µs", "pod's CPU, µs", "errors");

    private static async Task<IReadOnlyList<Taken>> Rounds(BenchOptions options, Func<TimeSpan, Task<Taken>> take)
    {
        await take(WarmUp);
        var all = new List<Taken>();
        for (var i = 0; i < options.Rounds; i++)
            all.Add(await take(options.Duration));
        return all;
    }

    private static string Name(int count) => count == 1 ? "1 silo" : $"{count} silos";

    private static void Add(Table table, int count, IReadOnlyList<Taken> all) =>
        table.Add(
            Name(count),
            Middle(all, t => t.PerSecond),
            Middle(all, t => t.Each.Silos),
            Middle(all, t => t.Each.Database),
            Middle(all, t => t.Each.Pods),
            $"{all.Sum(t => t.Errors)}"
        );

    private static string Middle(IReadOnlyList<Taken> all, Func<Taken, double> value) => new Spread(all.Select(value)).ToString("N0");
}
