using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Names;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <inheritdoc cref="IAlertStore"/>
internal sealed class AlertStore(SqlDatabase database) : IAlertStore
{
    private readonly JsonStateSerializer json = new();

    /// <inheritdoc/>
    public Task Write(DeploymentName deployment, StoredAlerts alerts, CancellationToken cancellationToken) =>
        alerts is { Firing: [], Notices: [] }
            ? database.Execute(
                "DELETE FROM DeploymentAlert WHERE deployment = @deployment",
                new() { ["deployment"] = deployment.Value },
                cancellationToken
            )
            : database.Execute(
                """
                INSERT INTO DeploymentAlert (deployment, isFiring, alerts) VALUES (@deployment, @isFiring, @alerts)
                ON CONFLICT (deployment) DO UPDATE SET isFiring = excluded.isFiring, alerts = excluded.alerts
                """,
                new()
                {
                    ["deployment"] = deployment.Value,
                    ["isFiring"] = alerts.Firing.Count > 0 ? 1 : 0,
                    ["alerts"] = json.Serialize(alerts).ToArray(),
                },
                cancellationToken
            );

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<DeploymentName, StoredAlerts>> Read(
        IReadOnlyList<DeploymentName> deployments,
        CancellationToken cancellationToken
    )
    {
        var parameters = new SqlParameters();
        foreach (var (i, deployment) in deployments.Index())
            parameters[$"deployment{i}"] = deployment.Value;
        var names = string.Join(", ", deployments.Select((_, i) => $"@deployment{i}"));
        var rows = await database.Query(
            $"SELECT deployment, alerts FROM DeploymentAlert WHERE deployment IN ({names})",
            parameters,
            row => (DeploymentName.Parse(row.GetString(0)), json.Deserialize<StoredAlerts>(new((byte[])row.GetValue(1)))),
            cancellationToken
        );
        return rows.ToDictionary(row => row.Item1, row => row.Item2);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeploymentName>> List(DeploymentName? after, int limit, CancellationToken cancellationToken) =>
        database.QueryList(
            "SELECT deployment FROM DeploymentAlert WHERE deployment > @after ORDER BY deployment LIMIT @limit",
            new() { ["after"] = after?.Value ?? "", ["limit"] = limit },
            row => DeploymentName.Parse(row.GetString(0)),
            cancellationToken
        );
}
