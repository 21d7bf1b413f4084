using Npgsql;

namespace DeployCard.Bench.Cluster.Targets;

/// <summary>Reads and prepares the PostgreSQL database that the silos share.</summary>
/// <param name="connectionString">Connection string of the database.</param>
internal sealed class ClusterDatabase(string connectionString) : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=0;Maximum Pool Size=8");

    /// <summary>Opens a connection, which the caller must dispose.</summary>
    public ValueTask<NpgsqlConnection> Connect(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken);

    /// <summary>Executes a statement without a time limit.</summary>
    public async Task Execute(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Executes a query and returns its single number.</summary>
    public async Task<long> QueryNumber(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken));
    }

    /// <summary>Returns the number of all calls, counted in the table of grain states.</summary>
    public Task<long> CountCalls(CancellationToken cancellationToken) =>
        QueryNumber("SELECT count(*) FROM OrleansStorage WHERE GrainTypeString = 'asyncCall'", cancellationToken);

    /// <summary>Waits until a query returns no rows. Throws if that takes longer than <paramref name="timeout"/>.</summary>
    public async Task WaitForNone(string sql, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        while (await QueryNumber($"SELECT CASE WHEN EXISTS ({sql}) THEN 1 ELSE 0 END", deadline.Token) != 0)
            await Task.Delay(PollInterval, TimeProvider.System, deadline.Token);
    }

    /// <summary>Waits until no call is queued or in flight. Throws if that takes longer than <paramref name="timeout"/>.</summary>
    public Task WaitForEnd(TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitForNone("SELECT 1 FROM AsyncCallIndex WHERE status = 'QUEUED'", timeout, cancellationToken);

    /// <summary>
    /// Returns the write statistics so far. Sessions report their statistics when they have been idle for up to 10 s, and more often while
    /// they are busy.
    /// </summary>
    public async Task<Writes> ReadWrites(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8,
              (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::float8,
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
