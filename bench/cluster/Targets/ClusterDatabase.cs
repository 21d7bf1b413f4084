using Npgsql;

namespace DeployCard.Bench.Cluster.Targets;

/// <summary>The database that the silos share, looked at and prepared beside them.</summary>
internal sealed class ClusterDatabase(string connectionString) : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=0;Maximum Pool Size=8");

    public ValueTask<NpgsqlConnection> Connect(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken);

    public async Task Execute(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<long> Number(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken));
    }

    /// <summary>All calls, counted in the table of states.</summary>
    public Task<long> Calls(CancellationToken cancellationToken) =>
        Number("SELECT count(*) FROM OrleansStorage WHERE GrainTypeString = 'asyncCall'", cancellationToken);

    /// <summary>Waits until a query finds nothing.</summary>
    public async Task WaitForNone(string sql, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(patience);
        while (await Number($"SELECT CASE WHEN EXISTS ({sql}) THEN 1 ELSE 0 END", late.Token) != 0)
            await Task.Delay(Look, TimeProvider.System, late.Token);
    }

    /// <summary>Waits until no call is open.</summary>
    public Task WaitForEnd(TimeSpan patience, CancellationToken cancellationToken) =>
        WaitForNone("SELECT 1 FROM AsyncCallIndex WHERE status = 'QUEUED'", patience, cancellationToken);

    /// <summary>What was written so far. Sessions tell what they did when they have been idle for ten seconds, or more often while they are busy.</summary>
    public async Task<Writes> Written(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8, (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::float8,
              sum(n_tup_ins)::float8, sum(n_tup_upd)::float8, sum(n_tup_hot_upd)::float8, sum(n_tup_del)::float8
            FROM pg_stat_user_tables
            """
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(
            reader.GetDouble(0),
            reader.GetDouble(1),
            reader.GetDouble(2),
            reader.GetDouble(3),
            reader.GetDouble(4),
            reader.GetDouble(5)
        );
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
