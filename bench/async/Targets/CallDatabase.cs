using DeployCard.Bench.Common.Reports;
using Microsoft.Data.Sqlite;

namespace DeployCard.Bench.Async.Targets;

/// <summary>
/// Reads and prepares the calls in the SQLite database of another process. In WAL mode readers do not wait for the writer, nor the writer
/// for readers.
/// </summary>
/// <param name="path">Path of the database file.</param>
internal sealed class CallDatabase(string path)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan StableInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns the number of all calls, counted in the table of grain states.</summary>
    public long Count() => QueryScalar("SELECT count(*) FROM OrleansStorage WHERE GrainTypeString = 'asyncCall'");

    /// <summary>Returns the number of all calls once it no longer changes; requests that a client aborted may still be processed.</summary>
    public async Task<long> CountWhenStable(CancellationToken cancellationToken)
    {
        var (before, now) = (-1L, Count());
        while (now != before)
        {
            await Task.Delay(StableInterval, TimeProvider.System, cancellationToken);
            (before, now) = (now, Count());
        }

        return now;
    }

    /// <summary>Returns the number of completed calls, counted up to a limit.</summary>
    public long CountCompleted(int limit) =>
        QueryScalar(
            $"SELECT count(*) FROM (SELECT 1 FROM AsyncCallIndex WHERE deployment = '{Testbed.Deployment}' AND status = 'COMPLETED' "
                + $"LIMIT {limit})"
        );

    /// <summary>Returns the number of calls whose due time is not after the given time.</summary>
    public long CountDue(string at) => QueryScalar($"SELECT count(*) FROM AsyncCallIndex WHERE dueAt <= '{at}'");

    /// <summary>Returns the mean size of the stored state of the newest 1,000 calls, in bytes.</summary>
    public long GetMeanBytes() =>
        QueryScalar(
            "SELECT CAST(avg(length(PayloadBinary)) AS INTEGER) FROM (SELECT PayloadBinary FROM OrleansStorage "
                + "WHERE GrainTypeString = 'asyncCall' ORDER BY rowid DESC LIMIT 1000)"
        );

    /// <summary>Returns the ids of the calls that completed first, in the order of completion.</summary>
    public IReadOnlyList<string> GetFirstCompleted(int count) =>
        QueryTexts(
            $"SELECT id FROM AsyncCallIndex WHERE deployment = '{Testbed.Deployment}' AND status = 'COMPLETED' "
                + $"ORDER BY endedAt, id LIMIT {count}"
        );

    /// <summary>Returns the ids of the calls that were accepted first, in the order of acceptance.</summary>
    public IReadOnlyList<string> GetFirstAccepted(int count) =>
        QueryTexts($"SELECT id FROM AsyncCallIndex WHERE deployment = '{Testbed.Deployment}' ORDER BY id LIMIT {count}");

    /// <summary>Waits until no call is queued or in flight. Throws if that takes longer than <paramref name="timeout"/>.</summary>
    public async Task WaitForEnd(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        const string Sql = $"SELECT EXISTS (SELECT 1 FROM AsyncCallIndex WHERE deployment = '{Testbed.Deployment}' AND status = 'QUEUED')";
        while (QueryScalar(Sql) != 0)
            await Task.Delay(PollInterval, TimeProvider.System, deadline.Token);
    }

    /// <summary>
    /// Waits until at least this number of calls has completed. Throws if that takes longer than <paramref name="timeout"/>.
    /// </summary>
    public async Task WaitForCompleted(int count, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        while (CountCompleted(count) < count)
            await Task.Delay(PollInterval, TimeProvider.System, deadline.Token);
    }

    /// <summary>Sets the purge time of all calls that have ended.</summary>
    public void SetPurgeTime(DateTimeOffset at) =>
        Execute(
            $"""
            UPDATE OrleansStorage SET PayloadBinary = CAST(json_set(CAST(PayloadBinary AS TEXT), '$.dueAt', '{Format(
                at
            )}', '$.removedAt', '{Format(at)}') AS BLOB)
            WHERE GrainTypeString = 'asyncCall' AND json_extract(CAST(PayloadBinary AS TEXT), '$.status') <> 'QUEUED'
            """
        );

    /// <summary>Fills the database with past calls, copies of the one call that it contains.</summary>
    public void AddPastCalls(int count, DateTimeOffset now)
    {
        using var connection = Open(SqliteOpenMode.ReadWrite);
        // No other process uses the database, and the data can be generated again, so commits need not wait for the disk.
        Execute(connection, "PRAGMA synchronous=OFF; PRAGMA cache_size=-1048576; PRAGMA temp_store=MEMORY");
        var history = new PastCalls(connection, now, count);
        using var transaction = connection.BeginTransaction();
        using var insert = PastCalls.CreateInsert(transaction);
        for (var i = 0; i < count; i++)
        {
            history.SetParameters(insert, i);
            insert.ExecuteNonQuery();
            if ((i + 1) % 200_000 == 0)
                Report.WriteProgress($"  {i + 1:N0} past calls written");
        }

        transaction.Commit();
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>Formats a time as the silo stores it.</summary>
    public static string Format(DateTimeOffset at) => at.UtcDateTime.ToString("O");

    private long QueryScalar(string sql)
    {
        using var connection = Open(SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }

    private List<string> QueryTexts(string sql)
    {
        using var connection = Open(SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    }

    private void Execute(string sql)
    {
        using var connection = Open(SqliteOpenMode.ReadWrite);
        Execute(connection, sql);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = mode,
                Pooling = mode == SqliteOpenMode.ReadOnly,
            }.ToString()
        );
        connection.Open();
        return connection;
    }
}
