using System.Data.Common;
using DeployCard.Common.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <inheritdoc cref="IAsyncCallStore"/>
internal sealed class AsyncCallStore(SqlDatabase database) : IAsyncCallStore
{
    /// <inheritdoc/>
    public Task<Page<CallSummary>> List(DeploymentName deployment, CallFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var list = new KeysetList<CallSummary>(
            database,
            $"calls of {deployment}",
            isDescending: true,
            ReadSummary,
            call => [StorageTime.ToText(call.CreatedAt), call.Id.Value]
        );
        return list.Read(AsyncCallQuery.Create(deployment, filter), AsyncCallQuery.CreateRange(filter), page, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CallId>> ListOpen(DeploymentName deployment, CallId? after, int limit, CancellationToken cancellationToken) =>
        database.QueryList(
            "SELECT id FROM AsyncCallIndex WHERE deployment = @deployment AND status = 'QUEUED' AND id > @after ORDER BY id LIMIT @limit",
            new()
            {
                ["deployment"] = deployment.Value,
                ["after"] = after?.Value ?? "",
                ["limit"] = limit,
            },
            ReadId,
            cancellationToken
        );

    /// <inheritdoc/>
    public async Task<OpenCalls> CountOpen(DeploymentName deployment, CancellationToken cancellationToken) =>
        (
            await database.Query(
                "SELECT count(*), coalesce(sum(requestBytes), 0) FROM AsyncCallIndex WHERE deployment = @deployment AND status = 'QUEUED'",
                new() { ["deployment"] = deployment.Value },
                row => new OpenCalls(row.GetInt64(0), row.GetInt64(1)),
                cancellationToken
            )
        )[0];

    /// <inheritdoc/>
    public async Task<long> CountOpen(DeploymentName deployment, CallId? after, CallId last, CancellationToken cancellationToken) =>
        (
            await database.Query(
                "SELECT count(*) FROM AsyncCallIndex WHERE deployment = @deployment AND status = 'QUEUED' AND id > @after AND id <= @last",
                new()
                {
                    ["deployment"] = deployment.Value,
                    ["after"] = after?.Value ?? "",
                    ["last"] = last.Value,
                },
                row => row.GetInt64(0),
                cancellationToken
            )
        )[0];

    /// <inheritdoc/>
    public async Task<CallId?> FindByIdempotencyKey(
        DeploymentName deployment,
        string idempotencyKey,
        CancellationToken cancellationToken
    ) =>
        await database.Query(
            "SELECT id FROM AsyncCallIndex WHERE deployment = @deployment AND idempotencyKey = @key",
            new() { ["deployment"] = deployment.Value, ["key"] = idempotencyKey },
            ReadId,
            cancellationToken
        )
            is [var id]
            ? id
            : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<CallId>> ListAll(DeploymentName deployment, int limit, CancellationToken cancellationToken) =>
        database.QueryList(
            "SELECT id FROM AsyncCallIndex WHERE deployment = @deployment LIMIT @limit",
            new() { ["deployment"] = deployment.Value, ["limit"] = limit },
            ReadId,
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeploymentName>> ListDeploymentsWithOpen(
        DeploymentName? after,
        int limit,
        CancellationToken cancellationToken
    ) =>
        database.QueryList(
            // Skips from one name to the next; SELECT DISTINCT would read every open call of every deployment.
            """
            WITH RECURSIVE Name(name) AS (
              SELECT min(deployment) FROM AsyncCallIndex WHERE status = 'QUEUED' AND deployment > @after
              UNION ALL
              SELECT (SELECT min(deployment) FROM AsyncCallIndex WHERE status = 'QUEUED' AND deployment > name)
              FROM Name WHERE name IS NOT NULL)
            SELECT name FROM Name WHERE name IS NOT NULL LIMIT @limit
            """,
            new() { ["after"] = after?.Value ?? "", ["limit"] = limit },
            row => DeploymentName.Parse(row.GetString(0)),
            cancellationToken
        );

    private static CallSummary ReadSummary(DbDataReader row) =>
        new(
            ReadId(row),
            EnumText<CallStatus>.Parse(row.GetString(1)),
            row.GetStringOrNull(2) is { } code ? EnumText<CallErrorCode>.Parse(code) : null,
            row.GetTime(3),
            row.GetTimeOrNull(4)
        );

    private static CallId ReadId(DbDataReader row) =>
        CallId.TryParse(row.GetString(0), out var id)
            ? id
            : throw new FormatException($"The index AsyncCallIndex contains '{row.GetString(0)}', which is not a call id.");
}
