namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>Reads all calls of the deployment through GraphQL, page by page, as the card does.</summary>
internal static class CallList
{
    private const string Page = """
        query($n: String!, $after: String) { deployment(name: $n) {
          asyncCalls(first: 200, after: $after) { nodes { id path } pageInfo { endCursor hasNextPage } } } }
        """;

    public static async Task<IReadOnlyList<(string Id, string Path)>> Read(CrashRun run)
    {
        var all = new List<(string, string)>();
        string? after = null;
        while (true)
        {
            var page = (await run.Card.Query(Page, new { n = CrashRun.Deployment, after }, run.Cancellation))["deployment"]!["asyncCalls"]!;
            all.AddRange(page["nodes"]!.AsArray().Select(call => ((string)call!["id"]!, (string)call["path"]!)));
            if (!(bool)page["pageInfo"]!["hasNextPage"]!)
                return all;
            after = (string)page["pageInfo"]!["endCursor"]!;
        }
    }
}
