using System.Data.Common;

namespace DeployCard.Grains.Storage;

/// <summary>
/// How a database finds a part of a name or title. Few matches are taken from an index of parts and sorted; of many, the list's own order is read
/// until a page is full. The database would have to guess which it is, and guesses once for all texts when it keeps a plan.
/// </summary>
internal sealed class DeploymentSearch
{
    /// <summary>So many are sorted in a millisecond or two; of so many, one in a hundred of a hundred thousand, the first page is found as soon.</summary>
    private const int Few = 1000;

    private readonly string found;
    private readonly string isFound;
    private readonly string matches;

    private DeploymentSearch(string found, string isFound, string matches) =>
        (this.found, this.isFound, this.matches) = (found, $"{string.Format(null, isFound, found)} AND {matches}", matches);

    private static DeploymentSearch Sqlite { get; } =
        new(
            "SELECT name FROM DeploymentSearch WHERE DeploymentSearch MATCH @phrase",
            "name IN ({0})",
            @"(name LIKE @search ESCAPE '\' OR lower(title) LIKE @search ESCAPE '\')"
        );

    // Gluing nothing to the text keeps its index out of the choice; the array is made first, by that index, whatever the rest of the query wants.
    private static DeploymentSearch PostgreSql { get; } =
        new(
            @"SELECT name FROM DeploymentIndex WHERE search LIKE SearchText(@search) ESCAPE '\'",
            "name = ANY (ARRAY({0}))",
            @"search || '' LIKE SearchText(@search) ESCAPE '\'"
        );

    public static DeploymentSearch Of(DbDataSource source) => source is Npgsql.NpgsqlDataSource ? PostgreSql : Sqlite;

    /// <summary>The condition that a text asks for, with its parameters.</summary>
    public async Task<string> Condition(DbDataSource source, string text, SqlParameters parameters, CancellationToken cancellationToken)
    {
        // No text of a database has it, and some refuse to be asked for it.
        text = text.Replace('\0', '\ufffd');
        parameters["search"] = LikePattern.Contains(text);
        // The index is one of three characters each.
        if (text.EnumerateRunes().Count() < 3)
            return matches;
        var phrase = $"\"{text.Replace("\"", "\"\"")}\"";
        if (!await IsRare(source, new() { ["search"] = parameters["search"], ["phrase"] = phrase }, cancellationToken))
            return matches;
        parameters["phrase"] = phrase;
        return isFound;
    }

    private async Task<bool> IsRare(DbDataSource source, SqlParameters parameters, CancellationToken cancellationToken) =>
        (
            await source.Query(
                $"SELECT count(*) FROM ({found} LIMIT {Few + 1}) AS Found",
                parameters,
                row => row.GetInt64(0),
                cancellationToken
            )
        )[0] <= Few;
}
