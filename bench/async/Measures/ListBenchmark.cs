using System.Text.Json.Nodes;
using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Pages of a long history over GraphQL, wherever they lie.</summary>
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
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("list");
        using (var caller = new Caller(stage.Ours, Paths.Prediction, bodyBytes: 16))
            await caller.Accept(cancellationToken);
        await stage.Calls.WaitForEnd(Patience, cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        await stage.Restart(calls => calls.Fill(options.History, now), cancellationToken);

        var pages = await Pages(stage, now, options.History, cancellationToken);
        var times = pages.ToDictionary(p => p.Name, _ => new List<double>());
        foreach (var round in Enumerable.Range(0, WarmUp + options.Tries))
        {
            foreach (var page in pages)
            {
                var began = TimeProvider.System.GetTimestamp();
                var read = await Read(stage, page, cancellationToken);
                if (round >= WarmUp)
                    times[page.Name].Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
                if (read["edges"]!.AsArray().Count != PageSize)
                    report.Fail($"list, {page.Name}: a page of {read["edges"]!.AsArray().Count}");
            }
        }

        var table = new Table(
            $"A page of {PageSize} of {options.History:N0} calls over GraphQL, in ms ({options.Tries} readings each, in turn)",
            "",
            "p50",
            "p99"
        );
        foreach (var page in pages)
            table.Add(page.Name, $"{new Spread(times[page.Name]).Median:0.00}", $"{new Spread(times[page.Name]).Percentile(0.99):0.00}");
        foreach (var place in new[] { Middle, End })
            table.Note(
                Bar.AtMost($"p50 {place} of the start's", 1.2)
                    .Judge(new([new Spread(times[place]).Median / new Spread(times[Start]).Median]))
            );
        report.Add(table);
    }

    private static async Task<IReadOnlyList<PageOf>> Pages(Stage stage, DateTimeOffset now, int count, CancellationToken cancellationToken)
    {
        async Task<string> CursorAt(int place)
        {
            var page = await Read(stage, new("", new { to = History.AcceptedAt(now, count, place) }, null), cancellationToken);
            return (string)page["edges"]![0]!["cursor"]!;
        }

        var (middle, end) = (await CursorAt(count / 2), await CursorAt(PageSize + 3));
        var from = History.AcceptedAt(now, count, count / 3);
        var to = History.AcceptedAt(now, count, count / 2);
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

    private static async Task<JsonNode> Read(Stage stage, PageOf page, CancellationToken cancellationToken)
    {
        var answer = await stage.Silo.Card.Ask(
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
                n = Stage.Deployment,
                f = page.Filter,
                a = page.After,
                first = PageSize,
            },
            cancellationToken
        );
        return answer["deployment"]!["asyncCalls"]!;
    }

    private sealed record PageOf(string Name, object? Filter, string? After);
}
