using System.Globalization;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace DeployCard.Bench.BareAccept;

/// <summary>
/// Writes rows into the tables of the silo, with their triggers. One thread writes all queued rows, at most 256, in one transaction.
/// </summary>
internal sealed class CallWriter : IDisposable
{
    private const int MaxPerCommit = 256;

    private readonly Channel<Row> queue = Channel.CreateBounded<Row>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly SqliteConnection connection;

    /// <summary>Opens the database, creates the tables of the silo and starts the thread.</summary>
    public CallWriter(string path)
    {
        connection = new($"Data Source={path};Pooling=False");
        connection.Open();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY");
        foreach (var script in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Scripts"), "*.sql").Order())
            Execute(File.ReadAllText(script));
        new Thread(WriteQueued) { IsBackground = true, Name = "writer" }.Start();
    }

    /// <summary>Writes a row. The task completes when the row is on the disk.</summary>
    public async Task Write(Guid id, byte[] json)
    {
        var row = new Row(id, json, new(TaskCreationOptions.RunContinuationsAsynchronously));
        await queue.Writer.WriteAsync(row);
        await row.Written.Task;
    }

    public void Dispose() => connection.Dispose();

    private void WriteQueued()
    {
        using var insert = CreateInsert();
        var group = new List<Row>(MaxPerCommit);
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            group.Clear();
            while (group.Count < MaxPerCommit && queue.Reader.TryRead(out var row))
                group.Add(row);
            WriteGroup(insert, group);
        }
    }

    private void WriteGroup(SqliteCommand insert, List<Row> group)
    {
        try
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            foreach (var row in group)
                WriteRow(insert, row);
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            group.ForEach(row => row.Written.SetException(e));
            return;
        }

        group.ForEach(row => row.Written.SetResult());
    }

    private static void WriteRow(SqliteCommand insert, Row row)
    {
        Span<byte> key = stackalloc byte[16];
        row.Id.TryWriteBytes(key);
        // The silo hashes a call by the time in its id, so that rows are in the order of time.
        insert.Parameters["@hash"].Value = (int)
            uint.Parse(row.Id.ToString("N").AsSpan(2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        insert.Parameters["@n0"].Value = BitConverter.ToInt64(key);
        insert.Parameters["@n1"].Value = BitConverter.ToInt64(key[8..]);
        insert.Parameters["@payload"].Value = row.Json;
        insert.ExecuteNonQuery();
    }

    private SqliteCommand CreateInsert()
    {
        var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO OrleansStorage (
              GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId,
              PayloadBinary, ModifiedOn, Version)
            VALUES (@hash, @n0, @n1, @hash, 'asyncCall', '', 'deploycard', @payload, unixepoch(), 1)
            """;
        insert.Parameters.Add("@hash", SqliteType.Integer);
        insert.Parameters.Add("@n0", SqliteType.Integer);
        insert.Parameters.Add("@n1", SqliteType.Integer);
        insert.Parameters.Add("@payload", SqliteType.Blob);
        return insert;
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed record Row(Guid Id, byte[] Json, TaskCompletionSource Written);
}
