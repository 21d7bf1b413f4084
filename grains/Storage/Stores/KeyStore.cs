using System.Data.Common;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <inheritdoc cref="IKeyStore"/>
internal sealed class KeyStore(SqlDatabase database) : IKeyStore
{
    private const string Select =
        "SELECT id, hash, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, "
        + "requestsPerSecond, requestBurst FROM KeyIndex";

    /// <inheritdoc/>
    public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken)
    {
        var parameters = new SqlParameters();
        foreach (var (i, deployment) in deployments.Index())
            parameters[$"deployment{i}"] = deployment.Value;
        return database.QueryList(
            $"{Select} WHERE deployment IN ({string.Join(", ", deployments.Select((_, i) => $"@deployment{i}"))})"
                + " ORDER BY createdAt DESC, id DESC",
            parameters,
            Map,
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async Task<KeySummary?> Find(string hash, CancellationToken cancellationToken) =>
        (await database.QueryList($"{Select} WHERE hash = @hash", new() { ["hash"] = hash }, Map, cancellationToken)).SingleOrDefault();

    private static KeySummary Map(DbDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            DeploymentName.Parse(row.GetString(2)),
            row.GetString(3),
            row.GetString(4),
            row.GetTime(5),
            row.GetString(6),
            row.GetTimeOrNull(7),
            row.GetTimeOrNull(8),
            row.GetTimeOrNull(9),
            row.GetDouble(10),
            row.GetInt32(11)
        );
}
