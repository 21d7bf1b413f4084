using System.Data.Common;
using DeployCard.Common.Text;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <inheritdoc cref="IDeploymentStore"/>
internal sealed class DeploymentStore(SqlDatabase database) : IDeploymentStore
{
    private const string Select = "SELECT name, title, status, image, createdAt, updatedAt, deletedAt FROM DeploymentIndex";

    private readonly DeploymentSearch search = new(database);

    private readonly KeysetList<DeploymentSummary> byName = new(
        database,
        "deployments by name",
        isDescending: false,
        Map,
        item => [item.Name.Value]
    );

    private readonly KeysetList<DeploymentSummary> newestFirst = new(
        database,
        "deployments newest first",
        isDescending: true,
        Map,
        item => [StorageTime.ToText(item.CreatedAt), item.Name.Value]
    );

    /// <inheritdoc/>
    public async Task<Page<DeploymentSummary>> List(
        DeploymentFilter filter,
        DeploymentOrder order,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var (list, key) = order == DeploymentOrder.Name ? (byName, new[] { "name" }) : (newestFirst, ["createdAt", "name"]);
        var parameters = new SqlParameters();
        var conditions = await Conditions(filter, parameters, cancellationToken);
        return await list.Read(new(Select, conditions, key, parameters), KeysetRange.All, page, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<int> Count(DeploymentFilter filter, CancellationToken cancellationToken)
    {
        var parameters = new SqlParameters();
        var conditions = await Conditions(filter, parameters, cancellationToken);
        var counts = conditions.Select(condition => $"SELECT count(*) AS n FROM DeploymentIndex WHERE {condition}");
        return (
            await database.Query(string.Join("\nUNION ALL\n", counts), parameters, row => (int)row.GetInt64(0), cancellationToken)
        ).Sum();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeploymentName>> ListActive(DeploymentName? after, int limit, CancellationToken cancellationToken) =>
        database.QueryList(
            "SELECT name FROM DeploymentIndex WHERE isActive = 1 AND name > @after ORDER BY name LIMIT @limit",
            new() { ["after"] = after?.Value ?? "", ["limit"] = limit },
            row => DeploymentName.Parse(row.GetString(0)),
            cancellationToken
        );

    private async Task<List<string>> Conditions(DeploymentFilter filter, SqlParameters parameters, CancellationToken cancellationToken)
    {
        var condition = string.IsNullOrEmpty(filter.Search)
            ? ""
            : $" AND {await search.BuildCondition(filter.Search, parameters, cancellationToken)}";
        condition += Named(filter.Names, parameters) + Labeled(filter.Labels, parameters);
        if (filter.HasAlerts is { } hasAlerts)
            condition += $" AND name {(hasAlerts ? "" : "NOT ")}IN (SELECT deployment FROM DeploymentAlert WHERE isFiring = 1)";
        if (filter.Statuses is not { Count: > 0 } statuses)
            return [$"status <> 'DELETED'{condition}"];
        return
        [
            .. statuses
                .Distinct()
                .Select(
                    (status, i) =>
                    {
                        parameters[$"status{i}"] = EnumText<DeploymentStatus>.ToText(status);
                        return $"status = @status{i}{condition}";
                    }
                ),
        ];
    }

    private static string Named(IReadOnlyList<string>? names, SqlParameters parameters)
    {
        if (names is not { Count: > 0 })
            return "";
        for (var i = 0; i < names.Count; i++)
            parameters[$"name{i}"] = names[i];
        return $" AND name IN ({string.Join(", ", names.Select((_, i) => $"@name{i}"))})";
    }

    private static string Labeled(IReadOnlyList<LabelFilter>? labels, SqlParameters parameters)
    {
        var condition = "";
        for (var i = 0; i < (labels?.Count ?? 0); i++)
        {
            parameters[$"labelKey{i}"] = labels![i].Key;
            condition += $" AND name IN (SELECT name FROM DeploymentLabel WHERE key = @labelKey{i}";
            if (labels[i].Value is { } value)
            {
                parameters[$"labelValue{i}"] = value;
                condition += $" AND value = @labelValue{i}";
            }

            condition += ")";
        }

        return condition;
    }

    private static DeploymentSummary Map(DbDataReader row) =>
        new(
            DeploymentName.Parse(row.GetString(0)),
            row.GetString(1),
            EnumText<DeploymentStatus>.Parse(row.GetString(2)),
            row.GetString(3),
            row.GetTime(4),
            row.GetTime(5),
            row.GetTimeOrNull(6)
        );
}
