using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>
/// Measures a silo with many inactive deployments and past calls: its start, memory, lists, searches and activation of deployments, and how
/// fast expired calls are purged.
/// </summary>
internal sealed class InactiveBenchmark : IBenchmark
{
    private const string Deployment = "bench";
    private const string InactiveDeployment = "rest";
    private const int StartCount = 5;
    private const int MaxQueriedDeployments = 2_000;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SettleDelay = TimeSpan.FromSeconds(3);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("inactive");
        await testbed.Reset(1, cancellationToken);
        await CreateModels(testbed, cancellationToken);
        var (emptyStarts, empty) = await MeasureStart(testbed, cancellationToken);

        var now = TimeProvider.System.GetUtcNow();
        await Fill(testbed, options, now, cancellationToken);
        var (fullStarts, full) = await MeasureStart(testbed, cancellationToken);

        var table = new Table(
            $"A silo with {options.Deployments:N0} inactive deployments and {options.History:N0} past calls",
            "",
            "nearly empty database",
            "full database"
        );
        table.AddRow($"start until /health/ready, s ({StartCount} starts)", emptyStarts.ToString("0.00"), fullStarts.ToString("0.00"));
        table.AddRow("resident memory, MiB", MiB(empty.Resident), MiB(full.Resident));
        table.AddRow("managed heap after a full collection, MiB", MiB(empty.Heap), MiB(full.Heap));
        table.AddNote(
            TargetValue
                .AtMost("bytes of managed heap per inactive deployment", 1024, "0")
                .Evaluate(new([(double)(full.Heap - empty.Heap) / options.Deployments]))
        );
        table.AddNote(
            TargetValue
                .AtMost("bytes of resident memory per inactive deployment", 1024, "0")
                .Evaluate(new([(double)(full.Resident - empty.Resident) / options.Deployments]))
        );
        var size = await testbed.Database.QueryNumber("SELECT pg_database_size(current_database())", cancellationToken);
        table.AddNote($"Size of the PostgreSQL database with tables and indexes: {size / (1024.0 * 1024):N0} MiB.");
        report.WriteTable(table);

        await ListDeployments(testbed, options, report, cancellationToken);
        await ListCalls(testbed, options, now, report, cancellationToken);
        await MeasureActivation(testbed, Math.Min(MaxQueriedDeployments, options.Deployments), report, cancellationToken);
        await MeasureSweep(testbed, options.Due, report, cancellationToken);
    }

    /// <summary>Creates two deployments and a call through the API, to be copied, and stops the deployment that ran the call.</summary>
    private static async Task CreateModels(Testbed testbed, CancellationToken cancellationToken)
    {
        var card = testbed.Silo.Card;
        var key = await card.Deploy(Deployment, "1-1", cancellationToken);
        await card.Deploy(InactiveDeployment, "0-1", cancellationToken);
        await card.WaitForPods(Deployment, pods => pods.Any(p => p.IsReady), cancellationToken);
        using var caller = new CallClient(
            new("", testbed.Silo.GetPredictOrigin(Deployment), key, []) { Headers = ["X-Async-Request: true"] },
            "/v1/models/bench:predict",
            bodyBytes: 16
        );
        await caller.Submit(cancellationToken);
        await testbed.Database.WaitForEnd(WaitTimeout, cancellationToken);
        await card.Execute(
            "mutation($n: String!) { stopDeployment(name: $n) { errors { message } } }",
            new { n = Deployment },
            cancellationToken
        );
        await card.WaitForPods(Deployment, pods => pods.All(p => p.HasEnded), cancellationToken);
    }

    private static async Task<(Spread Seconds, Footprint Footprint)> MeasureStart(Testbed testbed, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        for (var i = 0; i < StartCount; i++)
            seconds.Add((await testbed.RestartSilo(cancellationToken)).TotalSeconds);
        Report.WriteProgress($"  ready after {new Spread(seconds).ToString("0.00")} s");
        await Task.Delay(SettleDelay, TimeProvider.System, cancellationToken);
        return (new(seconds), await Footprint.Measure(testbed.Silo.ProcessId, cancellationToken));
    }

    private static async Task Fill(Testbed testbed, BenchOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = new RowGenerator(testbed.Database, now);
        await rows.WriteDeployments(InactiveDeployment, options.Deployments, cancellationToken);
        await rows.WriteCalls(options.History, cancellationToken);
        // VACUUM and ANALYZE bring the tables into the state that autovacuum would reach after a few minutes without writes.
        await testbed.Database.Execute("VACUUM (ANALYZE)", cancellationToken);
    }

    private static async Task ListDeployments(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (count, middle, end) = (options.Deployments, options.Deployments / 2, options.Deployments - PageReader.PageSize - 3);
        async Task<string> CursorAt(int place, string order) =>
            (string)
                (
                    await PageReader.ReadEdges(
                        testbed,
                        PageQuery.ForDeployments("", order, search: RowGenerator.GetName(place)),
                        cancellationToken
                    )
                )[0]!["cursor"]!;

        var table = new Table(
            $"A page of {PageReader.PageSize} of {count:N0} deployments over GraphQL, in ms "
                + $"({options.Tries} reads each, alternating)",
            "",
            "p50",
            "p99"
        );
        var pages = new List<PageQuery>();
        foreach (var (order, title) in new[] { ("NAME", "by name"), ("NEWEST_FIRST", "newest first") })
        {
            pages.Add(PageQuery.ForDeployments($"{title}, at the start", order));
            pages.Add(PageQuery.ForDeployments($"{title}, in the middle", order, await CursorAt(middle, order)));
            pages.Add(
                PageQuery.ForDeployments($"{title}, at the end", order, await CursorAt(order == "NAME" ? end : count - 1 - end, order))
            );
        }

        var listed = await PageReader.Measure(testbed, pages, options.Tries, table, report, cancellationToken);
        table.AddNote(TargetValue.AtMost("p99 of the slowest, ms", 20, "0.0").Evaluate(new([listed.Values.Max(t => t.Percentile(0.99))])));
        report.WriteTable(table);

        var (one, few) = (RowGenerator.GetName(middle), RowGenerator.GetName(middle)[..^2]);
        var found = new Table(
            $"Search by a part of the name or title in {count:N0} deployments, first page of {PageReader.PageSize}, in ms "
                + $"({options.Tries} reads each, alternating)",
            "",
            "p50",
            "p99"
        );
        var searches = new List<PageQuery>();
        foreach (var (order, title) in new[] { ("NAME", "by name"), ("NEWEST_FIRST", "newest first") })
        {
            searches.Add(
                PageQuery.ForDeployments(
                    $"one match, {title}",
                    order,
                    search: one["rest-".Length..],
                    expected: await CountMatches(testbed, one["rest-".Length..], cancellationToken)
                )
            );
            searches.Add(PageQuery.ForDeployments($"a hundred matches, {title}", order, search: few));
            searches.Add(PageQuery.ForDeployments($"a tenth matches, {title}", order, search: "fraud"));
            searches.Add(
                PageQuery.ForDeployments(
                    $"a tenth matches, at one end of the list, {title}",
                    order,
                    search: RowGenerator.GetName(count - 1)[..^4]
                )
            );
            searches.Add(PageQuery.ForDeployments($"all match, {title}", order, search: "est"));
            searches.Add(PageQuery.ForDeployments($"two letters, {title}", order, search: "of"));
            searches.Add(PageQuery.ForDeployments($"no match, {title}", order, search: "nothing", expected: 0));
            searches.Add(PageQuery.ForDeployments($"two letters without a match, {title}", order, search: "xq", expected: 0));
        }

        var times = await PageReader.Measure(testbed, searches, options.Tries, found, report, cancellationToken);
        found.AddNote(TargetValue.AtMost("p99 of the slowest, ms", 20, "0.0").Evaluate(new([times.Values.Max(t => t.Percentile(0.99))])));
        report.WriteTable(found);
    }

    private static async Task<int> CountMatches(Testbed testbed, string part, CancellationToken cancellationToken) =>
        (int)
            Math.Min(
                PageReader.PageSize,
                await testbed.Database.QueryNumber(
                    $"SELECT count(*) FROM DeploymentIndex WHERE name LIKE '%{part}%' OR lower(title) LIKE '%{part}%'",
                    cancellationToken
                )
            );

    private static async Task ListCalls(
        Testbed testbed,
        BenchOptions options,
        DateTimeOffset now,
        Report report,
        CancellationToken cancellationToken
    )
    {
        async Task<string> CursorAt(int place) =>
            (string)
                (
                    await PageReader.ReadEdges(
                        testbed,
                        PageQuery.ForCalls("", Deployment, null, new { to = RowGenerator.GetCreatedAt(now, options.History, place) }),
                        cancellationToken
                    )
                )[0]!["cursor"]!;

        const string StartPage = "at the start (the newest)";
        var table = new Table(
            $"A page of {PageReader.PageSize} of {options.History:N0} calls over GraphQL, in ms "
                + $"({options.Tries} reads each, alternating)",
            "",
            "p50",
            "p99"
        );
        var times = await PageReader.Measure(
            testbed,
            [
                PageQuery.ForCalls(StartPage, Deployment, null),
                PageQuery.ForCalls("in the middle", Deployment, await CursorAt(options.History / 2)),
                PageQuery.ForCalls("at the end (the oldest)", Deployment, await CursorAt(PageReader.PageSize + 3)),
            ],
            options.Tries,
            table,
            report,
            cancellationToken
        );
        foreach (var (name, spread) in times.Where(t => t.Key != StartPage))
            table.AddNote(
                TargetValue.AtMost($"p50 {name} relative to the start", 1.2).Evaluate(new([spread.Median / times[StartPage].Median]))
            );
        report.WriteTable(table);
    }

    /// <summary>Measures the memory of active deployments: the query of a deployment activates its grain.</summary>
    private static async Task MeasureActivation(Testbed testbed, int count, Report report, CancellationToken cancellationToken)
    {
        var before = await Footprint.Measure(testbed.Silo.ProcessId, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (place, token) =>
            {
                var data = await testbed.Silo.Card.Execute(
                    "query($n: String!) { deployment(name: $n) { status revision { number } pods { name } } }",
                    new { n = RowGenerator.GetName(place) },
                    token
                );
                if (data["deployment"] is null)
                    report.RecordFailure(
                        $"inactive: deployment {RowGenerator.GetName(place)} exists in the index, but its grain has no state"
                    );
            }
        );
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var after = await Footprint.Measure(testbed.Silo.ProcessId, cancellationToken);
        var table = new Table($"{count:N0} of the deployments, each queried once", "", "measured");
        table.AddRow("managed heap per deployment, bytes", $"{(after.Heap - before.Heap) / count:N0}");
        table.AddRow("resident memory per deployment, bytes", $"{(after.Resident - before.Resident) / count:N0}");
        table.AddRow("queried deployments/s (16 concurrent queries)", $"{count / took:N0}");
        report.WriteTable(table);
    }

    private static async Task MeasureSweep(Testbed testbed, int count, Report report, CancellationToken cancellationToken)
    {
        var due = RowGenerator.Format(TimeProvider.System.GetUtcNow());
        var dueQuery = $"SELECT 1 FROM AsyncCallIndex WHERE dueAt <= '{due}'";
        await testbed.Database.Execute(
            $"""
            UPDATE OrleansStorage SET PayloadBinary = convert_to(jsonb_set(jsonb_set(
              convert_from(PayloadBinary, 'UTF8')::jsonb, array['dueAt'], '"{due}"'), array['removedAt'], '"{due}"')::text, 'UTF8')
            WHERE ctid IN (SELECT ctid FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' ORDER BY GrainIdHash LIMIT {count})
            """,
            cancellationToken
        );
        await testbed.Database.Execute("CHECKPOINT", cancellationToken);
        Report.WriteProgress("  waiting for the sweep, up to a minute");
        var all = await testbed.Database.QueryNumber($"SELECT count(*) FROM ({dueQuery}) AS due", cancellationToken);
        var (written, spent) = (await testbed.Database.ReadWrites(cancellationToken), testbed.CpuSeconds);
        while (await testbed.Database.QueryNumber($"SELECT count(*) FROM ({dueQuery}) AS due", cancellationToken) == all)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await testbed.Database.WaitForNone(dueQuery, WaitTimeout, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var (writes, cost) = (
            (await testbed.Database.ReadWrites(cancellationToken) - written) / count,
            (testbed.CpuSeconds - spent) * 1e6 / count
        );
        var table = new Table($"Retention: {count:N0} calls expire at the same time", "", "measured");
        table.AddRow("rows/s", $"{count / took:N0}");
        table.AddRow("silo CPU, µs/row", $"{cost.Silos:N0}");
        table.AddRow("PostgreSQL CPU, µs/row", $"{cost.Database:N0}");
        table.AddRow("WAL, bytes/row", $"{writes.WalBytes:N0}");
        report.WriteTable(table);
        Report.WriteProgress($"  {count / took:N0} rows/s");
        if (all < count)
            report.RecordFailure($"sweep: expected {count} due calls, got {all}");
    }

    private static string MiB(long bytes) => $"{bytes / (1024.0 * 1024):0.0}";
}
