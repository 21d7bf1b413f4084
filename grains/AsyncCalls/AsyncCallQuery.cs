using DeployCard.Grains.Deployments;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>A filter of calls as branches that an index serves each: by error code where one is asked for, else by status, else one for all.</summary>
internal static class AsyncCallQuery
{
    public static KeysetQuery Of(DeploymentName deployment, CallFilter filter)
    {
        var parameters = new SqlParameters { ["deployment"] = deployment.Value };
        var statuses = Add(parameters, "status", filter.Statuses);
        var codes = Add(parameters, "errorCode", filter.ErrorCodes);
        return new(
            "SELECT id, status, errorCode, createdAt, endedAt FROM AsyncCallIndex",
            Branches(statuses, codes),
            ["createdAt", "id"],
            parameters
        );
    }

    /// <summary>The filter's times as bounds of the sort key. No id is empty, and so the first instant is inside and the last one outside.</summary>
    public static KeysetRange Range(CallFilter filter)
    {
        var range = KeysetRange.All;
        if (filter.From is { } from)
            range = range.WithAbove([StorageTime.ToText(from), ""]);
        if (filter.To is { } to)
            range = range.WithBelow([StorageTime.ToText(to), ""]);
        return range;
    }

    private static string[] Branches(string[] statuses, string[] codes) =>
        (statuses, codes) switch
        {
            ([], []) => ["deployment = @deployment"],
            (_, []) => [.. statuses.Select(status => $"deployment = @deployment AND status = {status}")],
            ([], _) => [.. codes.Select(code => $"deployment = @deployment AND errorCode = {code}")],
            // Gluing nothing to the status keeps it out of the choice of index: the code is the narrower one.
            _ =>
            [
                .. codes.Select(code =>
                    $"deployment = @deployment AND errorCode = {code} AND status || '' IN ({string.Join(", ", statuses)})"
                ),
            ],
        };

    private static string[] Add<T>(SqlParameters parameters, string name, IReadOnlyList<T>? values)
        where T : struct, Enum
    {
        var texts = (values ?? []).Distinct().Select(EnumText<T>.ToText).ToArray();
        for (var i = 0; i < texts.Length; i++)
            parameters[$"{name}{i}"] = texts[i];
        return [.. texts.Select((_, i) => $"@{name}{i}")];
    }
}
