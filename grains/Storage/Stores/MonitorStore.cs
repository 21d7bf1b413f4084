using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <inheritdoc cref="IMonitorStore"/>
internal sealed class MonitorStore(SqlDatabase database) : IMonitorStore
{
    /// <inheritdoc/>
    public Task Write(DeploymentName deployment, MonitorBlock block, CancellationToken cancellationToken) =>
        database.Execute(
            """
            INSERT INTO MonitorBlock (deployment, firstMinute, payload) VALUES (@deployment, @firstMinute, @payload)
            ON CONFLICT (deployment, firstMinute) DO UPDATE SET payload = excluded.payload
            """,
            new()
            {
                ["deployment"] = deployment.Value,
                ["firstMinute"] = block.FirstMinute,
                ["payload"] = block.Payload,
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<IReadOnlyList<MonitorBlock>> Read(DeploymentName deployment, long firstMinute, CancellationToken cancellationToken) =>
        database.QueryList(
            """
            SELECT firstMinute, payload FROM MonitorBlock
            WHERE deployment = @deployment AND firstMinute >= @firstMinute ORDER BY firstMinute
            """,
            new() { ["deployment"] = deployment.Value, ["firstMinute"] = firstMinute },
            row => new MonitorBlock(row.GetInt64(0), (byte[])row.GetValue(1)),
            cancellationToken
        );

    /// <inheritdoc/>
    public Task Delete(DeploymentName deployment, CancellationToken cancellationToken) =>
        database.Execute(
            "DELETE FROM MonitorBlock WHERE deployment = @deployment",
            new() { ["deployment"] = deployment.Value },
            cancellationToken
        );

    /// <inheritdoc/>
    public async Task<int> DeleteBefore(long minute, int limit, CancellationToken cancellationToken)
    {
        var deleted = await database.Query(
            """
            DELETE FROM MonitorBlock WHERE (deployment, firstMinute) IN (
              SELECT deployment, firstMinute FROM MonitorBlock WHERE firstMinute < @minute ORDER BY firstMinute LIMIT @most)
            RETURNING firstMinute
            """,
            new() { ["minute"] = minute, ["most"] = limit },
            row => row.GetInt64(0),
            cancellationToken
        );
        return deleted.Count;
    }
}
