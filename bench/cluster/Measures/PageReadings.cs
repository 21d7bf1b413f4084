using System.Text.Json.Nodes;
using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>Pages of lists over GraphQL, each read many times, in turn.</summary>
internal static class PageReadings
{
    public const int PageSize = 50;
    private const int WarmUp = 20;

    /// <summary>Reads them all, and adds a line for each of them. Returns their times in ms.</summary>
    public static async Task<IReadOnlyDictionary<string, Spread>> Read(
        Stage stage,
        IReadOnlyList<PageOf> pages,
        int tries,
        Table table,
        Report report,
        CancellationToken cancellationToken
    )
    {
        var times = pages.ToDictionary(p => p.Name, _ => new List<double>());
        for (var round = 0; round < WarmUp + tries; round++)
        {
            foreach (var page in pages)
            {
                var began = TimeProvider.System.GetTimestamp();
                var edges = (await Read(stage, page, cancellationToken)).AsArray();
                if (round >= WarmUp)
                    times[page.Name].Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
                if (round == 0 && edges.Count != page.Expected)
                    report.Fail($"{page.Name}: a page of {edges.Count}, and not {page.Expected}");
            }
        }

        var read = times.ToDictionary(t => t.Key, t => new Spread(t.Value));
        foreach (var (name, spread) in read)
        {
            table.Add(name, $"{spread.Median:0.00}", $"{spread.Percentile(0.99):0.00}");
            Report.Progress($"  {name}: p50 {spread.Median:0.00} ms, p99 {spread.Percentile(0.99):0.00} ms");
        }

        return read;
    }

    /// <summary>The edges of a page.</summary>
    public static async Task<JsonNode> Read(Stage stage, PageOf page, CancellationToken cancellationToken)
    {
        var answer = await stage.Silo.Card.Ask(page.Query, page.Variables, cancellationToken);
        return page.IsOfCalls ? answer["deployment"]!["asyncCalls"]!["edges"]! : answer["deployments"]!["edges"]!;
    }
}

/// <summary>A page: what it is called, its query and how many items it must have.</summary>
internal sealed record PageOf(string Name, bool IsOfCalls, object Variables, int Expected)
{
    private const string Deployments = """
        query($f: DeploymentFilterInput, $o: DeploymentOrder, $a: String, $first: Int) {
          deployments(filter: $f, orderBy: $o, after: $a, first: $first) {
            edges { cursor node { name title status image createdAt updatedAt } }
            pageInfo { hasNextPage hasPreviousPage }
          }
        }
        """;

    private const string Calls = """
        query($n: String!, $f: AsyncCallFilterInput, $a: String, $first: Int) {
          deployment(name: $n) {
            asyncCalls(filter: $f, after: $a, first: $first) {
              edges { cursor node { id status errorCode createdAt endedAt } }
              pageInfo { hasNextPage hasPreviousPage }
            }
          }
        }
        """;

    public string Query => IsOfCalls ? Calls : Deployments;

    /// <summary>Of the deployments.</summary>
    public static PageOf Listed(
        string name,
        string order,
        string? after = null,
        string? search = null,
        int expected = PageReadings.PageSize
    ) =>
        new(
            name,
            false,
            new
            {
                f = search is null ? null : new { search },
                o = order,
                a = after,
                first = PageReadings.PageSize,
            },
            expected
        );

    /// <summary>Of the calls of one deployment.</summary>
    public static PageOf Called(string name, string deployment, string? after, object? filter = null) =>
        new(
            name,
            true,
            new
            {
                n = deployment,
                f = filter,
                a = after,
                first = PageReadings.PageSize,
            },
            PageReadings.PageSize
        );
}
