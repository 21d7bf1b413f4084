using DeployCard.Bench.Common.Reports;
using Microsoft.Data.Sqlite;

namespace DeployCard.Bench.Async.Targets;

/// <summary>The calls in a database, looked at beside the program that owns it: readers and the writer of SQLite do not wait for one another.</summary>
internal sealed class CallDatabase(string path)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Still = TimeSpan.FromMilliseconds(500);

    /// <summary>All of them, counted in the table of states.</summary>
    public long Count() => Scalar("SELECT count(*) FROM OrleansStorage WHERE GrainTypeString = 'asyncCall'");

    /// <summary>All of them, once no more come: whoever broke his requests off may have left some under way.</summary>
    public async Task<long> CountWhenStill(CancellationToken cancellationToken)
    {
        var (before, now) = (-1L, Count());
        while (now != before)
        {
            await Task.Delay(Still, TimeProvider.System, cancellationToken);
            (before, now) = (now, Count());
        }

        return now;
    }

    /// <summary>How many have ended, counted up to a bound.</summary>
    public long Ended(int most) =>
        Scalar(
            $"SELECT count(*) FROM (SELECT 1 FROM AsyncCallIndex WHERE deployment = '{Stage.Deployment}' AND status = 'COMPLETED' LIMIT {most})"
        );

    /// <summary>How many are over their retention.</summary>
    public long Due(string at) => Scalar($"SELECT count(*) FROM AsyncCallIndex WHERE dueAt <= '{at}'");

    /// <summary>The mean size of what is stored of one, in bytes.</summary>
    public long MeanBytes() =>
        Scalar(
            "SELECT CAST(avg(length(PayloadBinary)) AS INTEGER) FROM (SELECT PayloadBinary FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' ORDER BY rowid DESC LIMIT 1000)"
        );

    /// <summary>Ids of the first that ended, in the order in which they did.</summary>
    public IReadOnlyList<string> FirstEnded(int count) =>
        Texts(
            $"SELECT id FROM AsyncCallIndex WHERE deployment = '{Stage.Deployment}' AND status = 'COMPLETED' ORDER BY endedAt, id LIMIT {count}"
        );

    /// <summary>Ids of the first that came, in the order in which they did.</summary>
    public IReadOnlyList<string> FirstAccepted(int count) =>
        Texts($"SELECT id FROM AsyncCallIndex WHERE deployment = '{Stage.Deployment}' ORDER BY id LIMIT {count}");

    /// <summary>Waits until none is open.</summary>
    public async Task WaitForEnd(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(patience);
        while (Scalar($"SELECT EXISTS (SELECT 1 FROM AsyncCallIndex WHERE deployment = '{Stage.Deployment}' AND status = 'QUEUED')") != 0)
            await Task.Delay(Look, TimeProvider.System, late.Token);
    }

    /// <summary>Waits until this many have ended.</summary>
    public async Task WaitForEnded(int count, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(patience);
        while (Ended(count) < count)
            await Task.Delay(Look, TimeProvider.System, late.Token);
    }

    /// <summary>Sets when all that have ended are to be removed.</summary>
    public void SetDue(DateTimeOffset at) =>
        Execute(
            $"""
            UPDATE OrleansStorage SET PayloadBinary = CAST(json_set(CAST(PayloadBinary AS TEXT), '$.dueAt', '{Text(
                at
            )}', '$.removedAt', '{Text(at)}') AS BLOB)
            WHERE GrainTypeString = 'asyncCall' AND json_extract(CAST(PayloadBinary AS TEXT), '$.status') <> 'QUEUED'
            """
        );

    /// <summary>Fills it with past calls, each like the one that is there.</summary>
    public void Fill(int count, DateTimeOffset now)
    {
        using var connection = Open(SqliteOpenMode.ReadWrite);
        // Nobody else is here, and what is lost with the machine is made anew: the disk is not waited for.
        Execute(connection, "PRAGMA synchronous=OFF; PRAGMA cache_size=-1048576; PRAGMA temp_store=MEMORY");
        var history = new History(connection, now, count);
        using var transaction = connection.BeginTransaction();
        using var insert = History.Insert(transaction);
        for (var i = 0; i < count; i++)
        {
            history.Set(insert, i);
            insert.ExecuteNonQuery();
            if ((i + 1) % 200_000 == 0)
                Report.Progress($"  {i + 1:N0} past calls written");
        }

        transaction.Commit();
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("O");

    private long Scalar(string sql)
    {
        using var connection = Open(SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }

    private List<string> Texts(string sql)
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
