using DeployCard.Common.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <summary>
/// Translates a <see cref="CallFilter"/> into query branches, each of which is read from one index. A filter with error codes has one
/// branch per error code, a filter with statuses only has one branch per status, and any other filter has a single branch.
/// </summary>
internal static class AsyncCallQuery
{
    public static KeysetQuery Create(DeploymentName deployment, CallFilter filter)
    {
        var parameters = new SqlParameters { ["deployment"] = deployment.Value };
        var statuses = AddParameters(parameters, "status", filter.Statuses);
        var codes = AddParameters(parameters, "errorCode", filter.ErrorCodes);
        return new(
            "SELECT id, status, errorCode, createdAt, endedAt FROM AsyncCallIndex",
            CreateBranches(statuses, codes),
            ["createdAt", "id"],
            parameters
        );
    }

    /// <summary>
    /// Returns the times of the filter as bounds of the sort key. The bounds have an empty id, which sorts before every call id, so
    /// <see cref="CallFilter.From"/> is inclusive and <see cref="CallFilter.To"/> exclusive.
    /// </summary>
    public static KeysetRange CreateRange(CallFilter filter)
    {
        var range = KeysetRange.All;
        if (filter.From is { } from)
            range = range.WithAbove([StorageTime.ToText(from), ""]);
        if (filter.To is { } to)
            range = range.WithBelow([StorageTime.ToText(to), ""]);
        return range;
    }

    private static string[] CreateBranches(string[] statuses, string[] codes) =>
        (statuses, codes) switch
        {
            ([], []) => ["deployment = @deployment"],
            (_, []) => [.. statuses.Select(status => $"deployment = @deployment AND status = {status}")],
            ([], _) => [.. codes.Select(code => $"deployment = @deployment AND errorCode = {code}")],
            // Concatenating an empty string hides the status column from the query planner: the index over the error code is more
            // selective.
            _ =>
            [
                .. codes.Select(code =>
                    $"deployment = @deployment AND errorCode = {code} AND status || '' IN ({string.Join(", ", statuses)})"
                ),
            ],
        };

    private static string[] AddParameters<T>(SqlParameters parameters, string name, IReadOnlyList<T>? values)
        where T : struct, Enum
    {
        var texts = (values ?? []).Distinct().Select(EnumText<T>.ToText).ToArray();
        for (var i = 0; i < texts.Length; i++)
            parameters[$"{name}{i}"] = texts[i];
        return [.. texts.Select((_, i) => $"@{name}{i}")];
    }
}
