namespace DeployCard.Grains.Storage;

/// <summary>
/// A query for a stretch of a sorted list. Where it wants one of several values it is written as one branch for each: the database then reads
/// every branch from an index in order and merges them, instead of sorting everything that matches.
/// </summary>
/// <param name="Select">The part before <c>WHERE</c>.</param>
/// <param name="Branches">The conditions, one for each branch; no row fulfils two.</param>
/// <param name="Key">The columns that sort it, unique together; the select has them.</param>
/// <param name="Parameters">The parameters of the conditions.</param>
internal sealed record KeysetQuery(string Select, IReadOnlyList<string> Branches, IReadOnlyList<string> Key, SqlParameters Parameters)
{
    public (string Sql, SqlParameters Parameters) Build(KeysetRange range, bool isDescending, int limit)
    {
        var parameters = new SqlParameters { ["limit"] = limit };
        foreach (var (name, value) in Parameters)
            parameters[name] = value;
        var equal = range.IncludesBounds ? "=" : "";
        var bounds = Bound($">{equal}", "above", range.Above, parameters) + Bound($"<{equal}", "below", range.Below, parameters);
        var branches = string.Join("\nUNION ALL\n", Branches.Select(branch => $"{Select}\nWHERE {branch}{bounds}"));
        var order = string.Join(", ", Key.Select(column => isDescending ? $"{column} DESC" : column));
        return ($"{branches}\nORDER BY {order}\nLIMIT @limit", parameters);
    }

    private string Bound(string comparison, string name, string[]? key, SqlParameters parameters)
    {
        if (key is null)
            return "";
        for (var i = 0; i < key.Length; i++)
            parameters[$"{name}{i}"] = key[i];
        return $" AND ({string.Join(", ", Key)}) {comparison} ({string.Join(", ", key.Select((_, i) => $"@{name}{i}"))})";
    }
}
