using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <summary>
/// Builds the SQL condition that finds deployments by a part of their name or title. If there are few matches, they are read from the
/// trigram index and sorted. If there are many, the list is scanned in its order until a page is full. The query planner would have to
/// guess which plan is better, and a cached plan would apply the same guess to all texts.
/// </summary>
internal sealed class DeploymentSearch
{
    /// <summary>
    /// Maximum number of matches for the index plan. Sorting 1000 rows takes one or two milliseconds. With more matches (1 % of 100,000
    /// deployments), scanning the list fills the first page just as fast.
    /// </summary>
    private const int MaxIndexMatches = 1000;

    private readonly SqlDatabase database;
    private readonly string indexCondition;

    public DeploymentSearch(SqlDatabase database)
    {
        this.database = database;
        var syntax = database.Search;
        indexCondition = $"{string.Format(null, syntax.IsInIndexResult, syntax.IndexQuery)} AND {syntax.ScanCondition}";
    }

    /// <summary>Returns the condition that selects deployments whose name or title contains a text, and adds its parameters.</summary>
    public async Task<string> BuildCondition(string text, SqlParameters parameters, CancellationToken cancellationToken)
    {
        // No indexed text contains U+0000, and PostgreSQL rejects it as a parameter.
        text = text.Replace('\0', '\ufffd');
        parameters["search"] = LikePattern.Contains(text);
        // The index contains sequences of three characters, so it cannot find a shorter text.
        if (text.EnumerateRunes().Count() < 3)
            return database.Search.ScanCondition;
        var phrase = $"\"{text.Replace("\"", "\"\"")}\"";
        if (!await IsRare(new() { ["search"] = parameters["search"], ["phrase"] = phrase }, cancellationToken))
            return database.Search.ScanCondition;
        parameters["phrase"] = phrase;
        return indexCondition;
    }

    private async Task<bool> IsRare(SqlParameters parameters, CancellationToken cancellationToken) =>
        (
            await database.Query(
                $"SELECT count(*) FROM ({database.Search.IndexQuery} LIMIT {MaxIndexMatches + 1}) AS Found",
                parameters,
                row => row.GetInt64(0),
                cancellationToken
            )
        )[0] <= MaxIndexMatches;
}
