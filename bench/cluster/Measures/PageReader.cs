using System.Text.Json.Nodes;
using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>Reads pages of lists over GraphQL and measures the time of each read.</summary>
internal static class PageReader
{
    /// <summary>Number of items per page.</summary>
    public const int PageSize = 50;
    private const int WarmUp = 20;

    /// <summary>
    /// Reads all pages repeatedly, alternating between them, and adds a row with p50 and p99 for each page. Returns the times by the name
    /// of the page, in ms.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, Spread>> Measure(
        Testbed testbed,
        IReadOnlyList<PageQuery> pages,
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
                var edges = (await ReadEdges(testbed, page, cancellationToken)).AsArray();
                if (round >= WarmUp)
                    times[page.Name].Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
                if (round == 0 && edges.Count != page.Expected)
                    report.RecordFailure($"{page.Name}: expected a page of {page.Expected} items, got {edges.Count}");
            }
        }

        var read = times.ToDictionary(t => t.Key, t => new Spread(t.Value));
        foreach (var (name, spread) in read)
        {
            table.AddRow(name, $"{spread.Median:0.00}", $"{spread.Percentile(0.99):0.00}");
            Report.WriteProgress($"  {name}: p50 {spread.Median:0.00} ms, p99 {spread.Percentile(0.99):0.00} ms");
        }

        return read;
    }

    /// <summary>Reads a page and returns its edges.</summary>
    public static async Task<JsonNode> ReadEdges(Testbed testbed, PageQuery page, CancellationToken cancellationToken)
    {
        var data = await testbed.Silo.Card.Execute(page.Document, page.Variables, cancellationToken);
        return page.ListsCalls ? data["deployment"]!["asyncCalls"]!["edges"]! : data["deployments"]!["edges"]!;
    }
}

/// <summary>A page of deployments, or of the calls of a deployment.</summary>
/// <param name="Name">Name in the table.</param>
/// <param name="ListsCalls">Whether the page lists calls; otherwise it lists deployments.</param>
/// <param name="Variables">Variables of the query, serialized as JSON.</param>
/// <param name="Expected">Number of items that the page must have.</param>
internal sealed record PageQuery(string Name, bool ListsCalls, object Variables, int Expected)
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

    /// <summary>Document of the query.</summary>
    public string Document => ListsCalls ? Calls : Deployments;

    /// <summary>Creates a page of deployments.</summary>
    public static PageQuery ForDeployments(
        string name,
        string order,
        string? after = null,
        string? search = null,
        int expected = PageReader.PageSize
    ) =>
        new(
            name,
            false,
            new
            {
                f = search is null ? null : new { search },
                o = order,
                a = after,
                first = PageReader.PageSize,
            },
            expected
        );

    /// <summary>Creates a page of the calls of one deployment.</summary>
    public static PageQuery ForCalls(string name, string deployment, string? after, object? filter = null) =>
        new(
            name,
            true,
            new
            {
                n = deployment,
                f = filter,
                a = after,
                first = PageReader.PageSize,
            },
            PageReader.PageSize
        );
}
