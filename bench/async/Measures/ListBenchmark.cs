using System.Text.Json.Nodes;
using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Measures reads of pages at the start, in the middle and at the end of a long history over GraphQL.</summary>
internal sealed class ListBenchmark : IBenchmark
{
    private const int PageSize = 50;
    private const string Start = "at the start (the newest)";
    private const string Middle = "in the middle";
    private const string End = "at the end (the oldest)";
    private const int WarmUp = 50;
    private static readonly string[] Errors = ["ERROR"];
    private static readonly string[] Ended = ["COMPLETED", "ERROR"];
    private static readonly string[] Canceled = ["CANCELED"];
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("list");
        using (var caller = new CallClient(testbed.SiloTarget, Paths.Prediction, bodyBytes: 16))
            await caller.Submit(cancellationToken);
        await testbed.Calls.WaitForEnd(WaitTimeout, cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        await testbed.Restart(calls => calls.AddPastCalls(options.History, now), cancellationToken);

        var pages = await CreateQueries(testbed, now, options.History, cancellationToken);
        var times = pages.ToDictionary(p => p.Name, _ => new List<double>());
        foreach (var round in Enumerable.Range(0, WarmUp + options.Tries))
        {
            foreach (var page in pages)
            {
                var began = TimeProvider.System.GetTimestamp();
                var read = await Read(testbed, page, cancellationToken);
                if (round >= WarmUp)
                    times[page.Name].Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
                if (read["edges"]!.AsArray().Count != PageSize)
                    report.RecordFailure($"list, {page.Name}: expected a page of {PageSize} calls, got {read["edges"]!.AsArray().Count}");
            }
        }

        var table = new Table(
            $"A page of {PageSize} of {options.History:N0} calls over GraphQL, in ms ({options.Tries} reads each, alternating)",
            "",
            "p50",
            "p99"
        );
        foreach (var page in pages)
            table.AddRow(page.Name, $"{new Spread(times[page.Name]).Median:0.00}", $"{new Spread(times[page.Name]).Percentile(0.99):0.00}");
        foreach (var place in new[] { Middle, End })
            table.AddNote(
                TargetValue
                    .AtMost($"p50 {place} relative to the start", 1.2)
                    .Evaluate(new([new Spread(times[place]).Median / new Spread(times[Start]).Median]))
            );
        report.WriteTable(table);
    }

    private static async Task<IReadOnlyList<PageQuery>> CreateQueries(
        Testbed testbed,
        DateTimeOffset now,
        int count,
        CancellationToken cancellationToken
    )
    {
        async Task<string> CursorAt(int place)
        {
            var page = await Read(testbed, new("", new { to = PastCalls.GetAcceptedAt(now, count, place) }, null), cancellationToken);
            return (string)page["edges"]![0]!["cursor"]!;
        }

        var (middle, end) = (await CursorAt(count / 2), await CursorAt(PageSize + 3));
        var from = PastCalls.GetAcceptedAt(now, count, count / 3);
        var to = PastCalls.GetAcceptedAt(now, count, count / 2);
        return
        [
            new(Start, null, null),
            new(Middle, null, middle),
            new(End, null, end),
            new("only errors, in the middle", new { statuses = Errors }, middle),
            new("completed and errors, in the middle", new { statuses = Ended }, middle),
            new("one error code in a hundred calls, in the middle", new { errorCodes = Canceled }, middle),
            new("between two times", new { from, to }, null),
            new(
                "only errors between two times",
                new
                {
                    from,
                    to,
                    statuses = Errors,
                },
                null
            ),
        ];
    }

    private static async Task<JsonNode> Read(Testbed testbed, PageQuery page, CancellationToken cancellationToken)
    {
        var data = await testbed.Silo.Card.Execute(
            """
            query($n: String!, $f: AsyncCallFilterInput, $a: String, $first: Int) {
              deployment(name: $n) {
                asyncCalls(filter: $f, after: $a, first: $first) {
                  edges { cursor node { id status errorCode createdAt endedAt } }
                  pageInfo { hasNextPage hasPreviousPage }
                }
              }
            }
            """,
            new
            {
                n = Testbed.Deployment,
                f = page.Filter,
                a = page.After,
                first = PageSize,
            },
            cancellationToken
        );
        return data["deployment"]!["asyncCalls"]!;
    }

    private sealed record PageQuery(string Name, object? Filter, string? After);
}
