using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>
/// Measures the cost of a call with one silo and with several silos on the same machine. The silos share its cores, so the processor time
/// is more meaningful than the throughput.
/// </summary>
internal sealed class CostBenchmark : IBenchmark
{
    private const string Deployment = "bench";
    private const string Predict = "/v1/models/bench:predict";
    private const string Never = "/never";
    private const int Connections = 64;
    private static readonly string[] Asynchronous = ["X-Async-Request: true"];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Time after which the sessions of the database have reported their statistics, which takes up to 10 s when they are idle.
    /// </summary>
    private static readonly TimeSpan StatisticsDelay = TimeSpan.FromSeconds(11);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (sync, end, accept, written) = (
            CostTable(
                $"Warm predictions through all gateways concurrently ({Connections} connections in total, 1 KiB; "
                    + $"medians of {options.Rounds} rounds)",
                "requests/s"
            ),
            CostTable("Asynchronous calls end to end (same load; an instant model)", "completed/s"),
            CostTable("Durable accepts while no call runs (same load)", "accepts/s"),
            new Table(
                "PostgreSQL writes per call, from accept to end",
                "",
                "WAL bytes",
                "commits",
                "rows inserted",
                "rows updated",
                "of these HOT",
                "rows deleted"
            )
        );
        for (var count = 1; count <= options.Silos; count++)
        {
            Report.WriteProgress($"cost, {count} silos");
            await testbed.Reset(count, cancellationToken);
            var key = await testbed.Silo.Card.Deploy(Deployment, "1-1", cancellationToken);
            await testbed.Silo.Card.WaitForPods(Deployment, pods => pods.Any(p => p.IsReady), cancellationToken);
            var load = new ClusterLoad(testbed, Deployment, key, Connections, report);
            Add(sync, count, await RunRounds(options, duration => load.Run(Predict, [], duration, untilEnded: false, cancellationToken)));
            var writes = new List<Writes>();
            Add(
                end,
                count,
                await RunRounds(
                    options,
                    async duration =>
                    {
                        var before = await testbed.Database.ReadWrites(cancellationToken);
                        var (all, result) = (
                            await testbed.Database.CountCalls(cancellationToken),
                            await load.Run(Predict, Asynchronous, duration, untilEnded: true, cancellationToken)
                        );
                        await Task.Delay(StatisticsDelay, TimeProvider.System, cancellationToken);
                        writes.Add(
                            (await testbed.Database.ReadWrites(cancellationToken) - before)
                                / (await testbed.Database.CountCalls(cancellationToken) - all)
                        );
                        return result;
                    }
                )
            );
            string FormatSpread(Func<Writes, double> value, string format) => new Spread(writes.Skip(1).Select(value)).ToString(format);
            written.AddRow(
                FormatSiloCount(count),
                FormatSpread(w => w.WalBytes, "N0"),
                FormatSpread(w => w.Commits, "0.00"),
                FormatSpread(w => w.Inserted, "0.00"),
                FormatSpread(w => w.Updated, "0.00"),
                FormatSpread(w => w.HotUpdates, "0.00"),
                FormatSpread(w => w.Deleted, "0.00")
            );
            // This measurement comes last: its calls never complete and would block all others.
            Add(
                accept,
                count,
                await RunRounds(options, duration => load.Run(Never, Asynchronous, duration, untilEnded: false, cancellationToken))
            );
        }

        foreach (var table in new[] { sync, end, accept, written })
            report.WriteTable(table);
    }

    private static Table CostTable(string title, string speed) =>
        new(title, "", speed, "silo CPU, µs", "PostgreSQL CPU, µs", "pod CPU, µs", "errors");

    private static async Task<IReadOnlyList<LoadResult>> RunRounds(BenchOptions options, Func<TimeSpan, Task<LoadResult>> run)
    {
        await run(WarmUp);
        var all = new List<LoadResult>();
        for (var i = 0; i < options.Rounds; i++)
            all.Add(await run(options.Duration));
        return all;
    }

    private static string FormatSiloCount(int count) => count == 1 ? "1 silo" : $"{count} silos";

    private static void Add(Table table, int count, IReadOnlyList<LoadResult> all) =>
        table.AddRow(
            FormatSiloCount(count),
            FormatSpread(all, t => t.PerSecond),
            FormatSpread(all, t => t.CpuPerRequest.Silos),
            FormatSpread(all, t => t.CpuPerRequest.Database),
            FormatSpread(all, t => t.CpuPerRequest.Pods),
            $"{all.Sum(t => t.Errors)}"
        );

    private static string FormatSpread(IReadOnlyList<LoadResult> all, Func<LoadResult, double> value) =>
        new Spread(all.Select(value)).ToString("N0");
}
