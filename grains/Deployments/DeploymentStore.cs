using System.Data.Common;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.Deployments;

/// <inheritdoc cref="IDeploymentStore"/>
/// <param name="source">The database.</param>
/// <param name="searches">The same one, for searches: how a part of a name is best looked for depends on the part, and so each is planned by itself. Null where that makes no difference.</param>
internal sealed class DeploymentStore(DbDataSource source, DbDataSource? searches = null) : IDeploymentStore
{
    private const string Select = "SELECT name, title, status, image, createdAt, updatedAt, deletedAt FROM DeploymentIndex";

    /// <inheritdoc/>
    public Task<Page<DeploymentSummary>> List(
        DeploymentFilter filter, DeploymentOrder order, PageRequest page, CancellationToken cancellationToken)
    {
        var (list, key) = order == DeploymentOrder.Name ? (ByName(Source(filter)), new[] { "name" }) : (NewestFirst(Source(filter)), ["createdAt", "name"]);
        var parameters = new SqlParameters();
        return list.Read(new(Select, Conditions(filter, parameters), key, parameters), KeysetRange.All, page, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<int> Count(DeploymentFilter filter, CancellationToken cancellationToken)
    {
        var parameters = new SqlParameters();
        var counts = Conditions(filter, parameters).Select(condition => $"SELECT count(*) AS n FROM DeploymentIndex WHERE {condition}");
        return (await Source(filter).Query(string.Join("\nUNION ALL\n", counts), parameters, row => (int)row.GetInt64(0), cancellationToken)).Sum();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeploymentName>> ListActive(DeploymentName? after, int limit, CancellationToken cancellationToken) =>
        source.List(
            "SELECT name FROM DeploymentIndex WHERE isActive = 1 AND name > @after ORDER BY name LIMIT @limit",
            new() { ["after"] = after?.Value ?? "", ["limit"] = limit }, row => DeploymentName.Parse(row.GetString(0)), cancellationToken);

    private DbDataSource Source(DeploymentFilter filter) => string.IsNullOrEmpty(filter.Search) ? source : searches ?? source;

    private static KeysetList<DeploymentSummary> ByName(DbDataSource source) => new(source, "deployments by name", isDescending: false, Map, item => [item.Name.Value]);

    private static KeysetList<DeploymentSummary> NewestFirst(DbDataSource source) => new(
        source, "deployments newest first", isDescending: true, Map, item => [StorageTime.ToText(item.CreatedAt), item.Name.Value]);

    private static List<string> Conditions(DeploymentFilter filter, SqlParameters parameters)
    {
        var search = Search(filter.Search, parameters);
        if (filter.Statuses is not { Count: > 0 } statuses)
            return [$"status <> 'DELETED'{search}"];
        return [.. statuses.Distinct().Select((status, i) =>
        {
            parameters[$"status{i}"] = EnumText<DeploymentStatus>.ToText(status);
            return $"status = @status{i}{search}";
        })];
    }

    private static string Search(string? search, SqlParameters parameters)
    {
        if (string.IsNullOrEmpty(search))
            return "";
        parameters["search"] = LikePattern.Contains(search);
        return @" AND (name LIKE @search ESCAPE '\' OR lower(title) LIKE @search ESCAPE '\')";
    }

    private static DeploymentSummary Map(DbDataReader row) => new(
        DeploymentName.Parse(row.GetString(0)), row.GetString(1), EnumText<DeploymentStatus>.Parse(row.GetString(2)), row.GetString(3),
        row.Time(4), row.Time(5), row.TimeOrNull(6));
}
