using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <inheritdoc cref="ILogStore"/>
internal sealed class LogStore(SqlDatabase database) : ILogStore
{
    /// <inheritdoc/>
    public Task Append(DeploymentName deployment, LogBlock block, CancellationToken cancellationToken) =>
        database.Execute(
            """
            INSERT INTO LogBlock (deployment, firstSequence, lines, size, payload)
            VALUES (@deployment, @firstSequence, @lines, @size, @payload)
            ON CONFLICT (deployment, firstSequence) DO UPDATE SET lines = excluded.lines, size = excluded.size, payload = excluded.payload
            """,
            new()
            {
                ["deployment"] = deployment.Value,
                ["firstSequence"] = block.FirstSequence,
                ["lines"] = block.Lines,
                ["size"] = block.Payload.LongLength,
                ["payload"] = block.Payload,
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<IReadOnlyList<LogBlock>> ReadNewest(DeploymentName deployment, long maxBytes, CancellationToken cancellationToken) =>
        database.QueryList(
            // The inner query selects by size alone, so that only payloads that are returned are read.
            """
            SELECT firstSequence, lines, payload FROM LogBlock
            WHERE deployment = @deployment AND firstSequence >= (
              SELECT min(firstSequence) FROM (
                SELECT firstSequence, row_number() OVER newest AS place, sum(size) OVER newest AS total
                FROM LogBlock WHERE deployment = @deployment
                WINDOW newest AS (ORDER BY firstSequence DESC)) AS Sum
              WHERE total <= @mostBytes OR place = 1)
            ORDER BY firstSequence
            """,
            new() { ["deployment"] = deployment.Value, ["mostBytes"] = maxBytes },
            row => new LogBlock(row.GetInt64(0), row.GetInt32(1), (byte[])row.GetValue(2)),
            cancellationToken
        );

    /// <inheritdoc/>
    public Task DeleteBefore(DeploymentName deployment, long sequence, CancellationToken cancellationToken) =>
        database.Execute(
            "DELETE FROM LogBlock WHERE deployment = @deployment AND firstSequence < @sequence",
            new() { ["deployment"] = deployment.Value, ["sequence"] = sequence },
            cancellationToken
        );
}
