using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>Much that is at rest: what it costs a silo that starts, in memory and in lists, and how fast what is due goes.</summary>
internal sealed class RestBenchmark : IBenchmark
{
    private const string Deployment = "bench";
    private const string AtRest = "rest";
    private const int Starts = 5;
    private const int Awake = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("rest");
        await stage.Open(1, cancellationToken);
        await MakeModels(stage, cancellationToken);
        var (emptyStarts, empty) = await Start(stage, cancellationToken);

        var now = TimeProvider.System.GetUtcNow();
        await Fill(stage, options, now, cancellationToken);
        var (fullStarts, full) = await Start(stage, cancellationToken);

        var table = new Table(
            $"A silo on {options.Deployments:N0} deployments at rest and {options.History:N0} past calls",
            "",
            "nearly empty database",
            "with them"
        );
        table.Add($"start until /health/ready, s ({Starts} starts)", emptyStarts.ToString("0.00"), fullStarts.ToString("0.00"));
        table.Add("resident memory, MiB", MiB(empty.Resident), MiB(full.Resident));
        table.Add("managed heap after a full collection, MiB", MiB(empty.Heap), MiB(full.Heap));
        table.Note(
            Bar.AtMost("bytes of managed heap for each deployment at rest", 1024, "0")
                .Judge(new([(double)(full.Heap - empty.Heap) / options.Deployments]))
        );
        table.Note(
            Bar.AtMost("bytes of resident memory for each deployment at rest", 1024, "0")
                .Judge(new([(double)(full.Resident - empty.Resident) / options.Deployments]))
        );
        table.Note(
            $"In PostgreSQL, tables and indexes together: {await stage.Database.Number("SELECT pg_database_size(current_database())", cancellationToken) / (1024.0 * 1024):N0} MiB."
        );
        report.Add(table);

        await ListDeployments(stage, options, report, cancellationToken);
        await ListCalls(stage, options, now, report, cancellationToken);
        await Wake(stage, Math.Min(Awake, options.Deployments), report, cancellationToken);
        await Sweep(stage, options.Due, report, cancellationToken);
    }

    /// <summary>A deployment and a call as the API makes them; afterwards nothing runs.</summary>
    private static async Task MakeModels(Stage stage, CancellationToken cancellationToken)
    {
        var card = stage.Silo.Card;
        var key = await card.Deploy(Deployment, "1-1", cancellationToken);
        await card.Deploy(AtRest, "0-1", cancellationToken);
        await card.WaitForPods(Deployment, pods => pods.Any(p => p.IsReady), cancellationToken);
        using var caller = new Caller(
            new("", stage.Silo.PredictOrigin(Deployment), key, []) { Headers = ["X-Async-Request: true"] },
            "/v1/models/bench:predict",
            bodyBytes: 16
        );
        await caller.Accept(cancellationToken);
        await stage.Database.WaitForEnd(Patience, cancellationToken);
        await card.Ask(
            "mutation($n: String!) { stopDeployment(name: $n) { errors { message } } }",
            new { n = Deployment },
            cancellationToken
        );
        await card.WaitForPods(Deployment, pods => pods.All(p => p.HasEnded), cancellationToken);
    }

    private static async Task<(Spread Seconds, Footprint Footprint)> Start(Stage stage, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        for (var i = 0; i < Starts; i++)
            seconds.Add((await stage.Restart(cancellationToken)).TotalSeconds);
        Report.Progress($"  ready after {new Spread(seconds).ToString("0.00")} s");
        await Task.Delay(Settle, TimeProvider.System, cancellationToken);
        return (new(seconds), await Footprint.Of(stage.Silo.ProcessId, cancellationToken));
    }

    private static async Task Fill(Stage stage, BenchOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = new PastRows(stage.Database, now);
        await rows.Deployments(AtRest, options.Deployments, cancellationToken);
        await rows.Calls(options.History, cancellationToken);
        // As it is after some minutes without writes.
        await stage.Database.Execute("VACUUM (ANALYZE)", cancellationToken);
    }

    private static async Task ListDeployments(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (count, middle, end) = (options.Deployments, options.Deployments / 2, options.Deployments - PageReadings.PageSize - 3);
        async Task<string> CursorAt(int place, string order) =>
            (string)
                (await PageReadings.Read(stage, PageOf.Listed("", order, search: PastRows.Name(place)), cancellationToken))[0]!["cursor"]!;

        var table = new Table(
            $"A page of {PageReadings.PageSize} of {count:N0} deployments over GraphQL, in ms ({options.Tries} readings each, in turn)",
            "",
            "p50",
            "p99"
        );
        var pages = new List<PageOf>();
        foreach (var (order, title) in new[] { ("NAME", "by name"), ("NEWEST_FIRST", "newest first") })
        {
            pages.Add(PageOf.Listed($"{title}, at the start", order));
            pages.Add(PageOf.Listed($"{title}, in the middle", order, await CursorAt(middle, order)));
            pages.Add(PageOf.Listed($"{title}, at the end", order, await CursorAt(order == "NAME" ? end : count - 1 - end, order)));
        }

        var listed = await PageReadings.Read(stage, pages, options.Tries, table, report, cancellationToken);
        table.Note(Bar.AtMost("p99 of the slowest, ms", 20, "0.0").Judge(new([listed.Values.Max(t => t.Percentile(0.99))])));
        report.Add(table);

        var (one, few) = (PastRows.Name(middle), PastRows.Name(middle)[..^2]);
        var found = new Table(
            $"Search by a part of the name or title in {count:N0} deployments, first page of {PageReadings.PageSize}, in ms ({options.Tries} readings each, in turn)",
            "",
            "p50",
            "p99"
        );
        var searches = new List<PageOf>();
        foreach (var (order, title) in new[] { ("NAME", "by name"), ("NEWEST_FIRST", "newest first") })
        {
            searches.Add(
                PageOf.Listed(
                    $"one has it, {title}",
                    order,
                    search: one["rest-".Length..],
                    expected: await Matches(stage, one["rest-".Length..], cancellationToken)
                )
            );
            searches.Add(PageOf.Listed($"a hundred have it, {title}", order, search: few));
            searches.Add(PageOf.Listed($"a tenth has it, {title}", order, search: "fraud"));
            searches.Add(PageOf.Listed($"a tenth, the last or first ones, {title}", order, search: PastRows.Name(count - 1)[..^4]));
            searches.Add(PageOf.Listed($"all have it, {title}", order, search: "est"));
            searches.Add(PageOf.Listed($"two letters, {title}", order, search: "of"));
            searches.Add(PageOf.Listed($"nobody has it, {title}", order, search: "nothing", expected: 0));
            searches.Add(PageOf.Listed($"two letters that nobody has, {title}", order, search: "xq", expected: 0));
        }

        var times = await PageReadings.Read(stage, searches, options.Tries, found, report, cancellationToken);
        found.Note(Bar.AtMost("p99 of the slowest, ms", 20, "0.0").Judge(new([times.Values.Max(t => t.Percentile(0.99))])));
        report.Add(found);
    }

    private static async Task<int> Matches(Stage stage, string part, CancellationToken cancellationToken) =>
        (int)
            Math.Min(
                PageReadings.PageSize,
                await stage.Database.Number(
                    $"SELECT count(*) FROM DeploymentIndex WHERE name LIKE '%{part}%' OR lower(title) LIKE '%{part}%'",
                    cancellationToken
                )
            );

    private static async Task ListCalls(
        Stage stage,
        BenchOptions options,
        DateTimeOffset now,
        Report report,
        CancellationToken cancellationToken
    )
    {
        async Task<string> CursorAt(int place) =>
            (string)
                (
                    await PageReadings.Read(
                        stage,
                        PageOf.Called("", Deployment, null, new { to = PastRows.AcceptedAt(now, options.History, place) }),
                        cancellationToken
                    )
                )[0]!["cursor"]!;

        const string Start = "at the start (the newest)";
        var table = new Table(
            $"A page of {PageReadings.PageSize} of {options.History:N0} calls over GraphQL, in ms ({options.Tries} readings each, in turn)",
            "",
            "p50",
            "p99"
        );
        var times = await PageReadings.Read(
            stage,
            [
                PageOf.Called(Start, Deployment, null),
                PageOf.Called("in the middle", Deployment, await CursorAt(options.History / 2)),
                PageOf.Called("at the end (the oldest)", Deployment, await CursorAt(PageReadings.PageSize + 3)),
            ],
            options.Tries,
            table,
            report,
            cancellationToken
        );
        foreach (var (name, spread) in times.Where(t => t.Key != Start))
            table.Note(Bar.AtMost($"p50 {name} of the start's", 1.2).Judge(new([spread.Median / times[Start].Median])));
        report.Add(table);
    }

    /// <summary>What a deployment takes that somebody looks at: its grain is there then.</summary>
    private static async Task Wake(Stage stage, int count, Report report, CancellationToken cancellationToken)
    {
        var before = await Footprint.Of(stage.Silo.ProcessId, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (place, token) =>
            {
                var answer = await stage.Silo.Card.Ask(
                    "query($n: String!) { deployment(name: $n) { status revision { number } pods { name } } }",
                    new { n = PastRows.Name(place) },
                    token
                );
                if (answer["deployment"] is null)
                    report.Fail($"{PastRows.Name(place)} is listed, and its grain knows nothing of it");
            }
        );
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var after = await Footprint.Of(stage.Silo.ProcessId, cancellationToken);
        var table = new Table($"{count:N0} of the deployments, each looked at once", "", "measured");
        table.Add("managed heap for each, bytes", $"{(after.Heap - before.Heap) / count:N0}");
        table.Add("resident memory for each, bytes", $"{(after.Resident - before.Resident) / count:N0}");
        table.Add("looked at, deployments/s (16 at once)", $"{count / took:N0}");
        report.Add(table);
    }

    private static async Task Sweep(Stage stage, int count, Report report, CancellationToken cancellationToken)
    {
        var due = PastRows.Text(TimeProvider.System.GetUtcNow());
        var isDue = $"SELECT 1 FROM AsyncCallIndex WHERE dueAt <= '{due}'";
        await stage.Database.Execute(
            $"""
            UPDATE OrleansStorage SET PayloadBinary = convert_to(jsonb_set(jsonb_set(convert_from(PayloadBinary, 'UTF8')::jsonb, array['dueAt'], '"{due}"'), array['removedAt'], '"{due}"')::text, 'UTF8')
            WHERE ctid IN (SELECT ctid FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' ORDER BY GrainIdHash LIMIT {count})
            """,
            cancellationToken
        );
        await stage.Database.Execute("CHECKPOINT", cancellationToken);
        Report.Progress("  waiting for the sweep, up to a minute");
        var all = await stage.Database.Number($"SELECT count(*) FROM ({isDue}) AS due", cancellationToken);
        var (written, spent) = (await stage.Database.Written(cancellationToken), stage.Spent);
        while (await stage.Database.Number($"SELECT count(*) FROM ({isDue}) AS due", cancellationToken) == all)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await stage.Database.WaitForNone(isDue, Patience, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var (writes, cost) = ((await stage.Database.Written(cancellationToken) - written) / count, (stage.Spent - spent) * 1e6 / count);
        var table = new Table($"Retention: {count:N0} calls over it at once", "", "measured");
        table.Add("rows/s", $"{count / took:N0}");
        table.Add("CPU of the silo, µs/row", $"{cost.Silos:N0}");
        table.Add("CPU of PostgreSQL, µs/row", $"{cost.Database:N0}");
        table.Add("WAL, bytes/row", $"{writes.WalBytes:N0}");
        report.Add(table);
        Report.Progress($"  {count / took:N0} rows/s");
        if (all < count)
            report.Fail($"sweep: {all} were due, and not {count}");
    }

    private static string MiB(long bytes) => $"{bytes / (1024.0 * 1024):0.0}";
}
