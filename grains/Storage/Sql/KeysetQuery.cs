namespace DeployCard.Storage.Sql;

/// <summary>
/// A query for a range of a sorted list. A filter that accepts several values is written as one branch for each value. The database then
/// reads each branch from an index in order and merges the branches, instead of sorting all matching rows.
/// </summary>
/// <param name="Select">The part of the query before <c>WHERE</c>.</param>
/// <param name="Branches">The condition of each branch. A row must match at most one branch.</param>
/// <param name="Key">The sort columns, which together are unique and must be selected.</param>
/// <param name="Parameters">Values of the parameters in the conditions.</param>
internal sealed record KeysetQuery(string Select, IReadOnlyList<string> Branches, IReadOnlyList<string> Key, SqlParameters Parameters)
{
    public (string Sql, SqlParameters Parameters) Build(KeysetRange range, bool isDescending, int limit)
    {
        var parameters = new SqlParameters { ["limit"] = limit };
        foreach (var (name, value) in Parameters)
            parameters[name] = value;
        var equal = range.IncludesBounds ? "=" : "";
        var bounds =
            BoundCondition($">{equal}", "above", range.Above, parameters) + BoundCondition($"<{equal}", "below", range.Below, parameters);
        var branches = string.Join("\nUNION ALL\n", Branches.Select(branch => $"{Select}\nWHERE {branch}{bounds}"));
        var order = string.Join(", ", Key.Select(column => isDescending ? $"{column} DESC" : column));
        return ($"{branches}\nORDER BY {order}\nLIMIT @limit", parameters);
    }

    private string BoundCondition(string comparison, string name, string[]? key, SqlParameters parameters)
    {
        if (key is null)
            return "";
        for (var i = 0; i < key.Length; i++)
            parameters[$"{name}{i}"] = key[i];
        return $" AND ({string.Join(", ", Key)}) {comparison} ({string.Join(", ", key.Select((_, i) => $"@{name}{i}"))})";
    }
}
