using System.Data.Common;

namespace DeployCard.Grains.Storage;

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

    private readonly string indexQuery;
    private readonly string indexCondition;
    private readonly string scanCondition;

    private DeploymentSearch(string indexQuery, string isInIndexResult, string scanCondition)
    {
        (this.indexQuery, this.scanCondition) = (indexQuery, scanCondition);
        indexCondition = $"{string.Format(null, isInIndexResult, indexQuery)} AND {scanCondition}";
    }

    private static DeploymentSearch Sqlite { get; } =
        new(
            "SELECT name FROM DeploymentSearch WHERE DeploymentSearch MATCH @phrase",
            "name IN ({0})",
            @"(name LIKE @search ESCAPE '\' OR lower(title) LIKE @search ESCAPE '\')"
        );

    // Appending '' to the column keeps the planner from using its index in the scan condition.
    // ARRAY(…) makes PostgreSQL evaluate the index query first, independently of the rest of the query.
    private static DeploymentSearch PostgreSql { get; } =
        new(
            @"SELECT name FROM DeploymentIndex WHERE search LIKE SearchText(@search) ESCAPE '\'",
            "name = ANY (ARRAY({0}))",
            @"search || '' LIKE SearchText(@search) ESCAPE '\'"
        );

    public static DeploymentSearch For(DbDataSource source) => source is Npgsql.NpgsqlDataSource ? PostgreSql : Sqlite;

    /// <summary>Returns the condition that selects deployments whose name or title contains a text, and adds its parameters.</summary>
    public async Task<string> BuildCondition(
        DbDataSource source,
        string text,
        SqlParameters parameters,
        CancellationToken cancellationToken
    )
    {
        // No indexed text contains U+0000, and PostgreSQL rejects it as a parameter.
        text = text.Replace('\0', '\ufffd');
        parameters["search"] = LikePattern.Contains(text);
        // The index contains sequences of three characters, so it cannot find a shorter text.
        if (text.EnumerateRunes().Count() < 3)
            return scanCondition;
        var phrase = $"\"{text.Replace("\"", "\"\"")}\"";
        if (!await IsRare(source, new() { ["search"] = parameters["search"], ["phrase"] = phrase }, cancellationToken))
            return scanCondition;
        parameters["phrase"] = phrase;
        return indexCondition;
    }

    private async Task<bool> IsRare(DbDataSource source, SqlParameters parameters, CancellationToken cancellationToken) =>
        (
            await source.Query(
                $"SELECT count(*) FROM ({indexQuery} LIMIT {MaxIndexMatches + 1}) AS Found",
                parameters,
                row => row.GetInt64(0),
                cancellationToken
            )
        )[0] <= MaxIndexMatches;
}
