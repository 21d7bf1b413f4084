using DeployCard.Common.Text;
using DeployCard.Contracts.Retention;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <inheritdoc cref="IRetentionStore"/>
internal sealed class RetentionStore(SqlDatabase database) : IRetentionStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<DueItem>> ListDue(DateTimeOffset now, DueItem? after, int limit, CancellationToken cancellationToken) =>
        database.QueryList(
            """
            SELECT 'DEPLOYMENT' AS kind, name AS key, dueAt FROM DeploymentIndex WHERE dueAt <= @now AND (dueAt, name) > (@dueAt, @key)
            UNION ALL
            SELECT 'KEY' AS kind, hash AS key, dueAt FROM KeyIndex WHERE dueAt <= @now AND (dueAt, hash) > (@dueAt, @key)
            UNION ALL
            SELECT 'ASYNC_CALL' AS kind, id AS key, dueAt FROM AsyncCallIndex WHERE dueAt <= @now AND (dueAt, id) > (@dueAt, @key)
            ORDER BY dueAt, key
            LIMIT @limit
            """,
            new()
            {
                ["now"] = StorageTime.ToText(now),
                ["dueAt"] = after is null ? "" : StorageTime.ToText(after.DueAt),
                ["key"] = after?.Key ?? "",
                ["limit"] = limit,
            },
            row => new DueItem(EnumText<DueKind>.Parse(row.GetString(0)), row.GetString(1), row.GetTime(2)),
            cancellationToken
        );
}
