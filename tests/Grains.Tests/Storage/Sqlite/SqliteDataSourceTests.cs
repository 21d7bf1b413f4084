using System.Data.Common;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using DeployCard.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

public sealed class SqliteDataSourceTests : IAsyncDisposable
{
    private readonly TestSqliteDatabase database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DbDataSource Source => database.Source;

    private SqliteDatabase Sql => database.Sql;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Values_of_every_type_are_read_back_as_written()
    {
        await Execute("CREATE TABLE T (i, d, t, b, e, n)");

        await Execute(
            "INSERT INTO T VALUES (@i, @d, @t, @b, @e, @n)",
            new()
            {
                ["i"] = long.MaxValue,
                ["d"] = 0.5,
                ["t"] = "жизнь 🙂",
                ["b"] = new byte[] { 0, 255 },
                ["e"] = Array.Empty<byte>(),
                ["n"] = DBNull.Value,
            }
        );

        var row = (await Sql.Query("SELECT * FROM T", [], row => Enumerable.Range(0, 6).Select(row.GetValue).ToArray(), Token)).Single();
        row.ShouldBe([long.MaxValue, 0.5, "жизнь 🙂", new byte[] { 0, 255 }, Array.Empty<byte>(), DBNull.Value]);
    }

    [Fact]
    public async Task Failed_write_does_not_affect_other_writes_of_the_group()
    {
        await Execute("CREATE TABLE T (x INTEGER PRIMARY KEY)");

        var writes = Enumerable
            .Range(0, 300)
            .Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i % 3 == 0 ? 0 : i }))
            .ToList();

        var outcomes = await Task.WhenAll(writes.Select(Succeeded));
        outcomes.Count(success => success).ShouldBe(201);
        (await Count("T")).ShouldBe(201);
    }

    [Fact]
    public async Task Command_of_several_statements_is_atomic()
    {
        await Execute("CREATE TABLE T (x INTEGER PRIMARY KEY)");

        var error = await Should.ThrowAsync<SqliteException>(() =>
            Execute("INSERT INTO T VALUES (1); INSERT INTO T VALUES (2); INSERT INTO T VALUES (1)")
        );

        error.SqliteErrorCode.ShouldBe(19);
        (await Count("T")).ShouldBe(0);
    }

    [Theory]
    [InlineData("WITH N(n) AS (SELECT 7) INSERT INTO T SELECT n FROM N")]
    [InlineData("  -- a comment\n INSERT INTO T VALUES (7) RETURNING x")]
    [InlineData("SELECT 1; INSERT INTO T VALUES (7);  -- the end")]
    public async Task Write_is_detected_whatever_the_text_begins_with(string text)
    {
        await Execute("CREATE TABLE T (x)");

        await Execute(text);

        (await Count("T")).ShouldBe(1);
    }

    [Fact]
    public async Task Read_does_not_wait_for_the_writer()
    {
        await Execute("CREATE TABLE T (x)");
        await using var other = await OtherProcess();

        // The lock of the other process blocks the write.
        var write = Execute("INSERT INTO T VALUES (1)");
        var rows = await Sql.Query("WITH N(n) AS (SELECT count(*) FROM T) SELECT n FROM N", [], row => row.GetInt64(0), Token);

        rows.ShouldBe([0]);
        write.IsCompleted.ShouldBeFalse();
        await other.DisposeAsync();
        await write;
    }

    [Theory]
    [InlineData("BEGIN")]
    [InlineData("SAVEPOINT s")]
    [InlineData("SELECT 1; COMMIT")]
    [InlineData("INSERT INTO OrleansQuery VALUES ('a', 'b'); ROLLBACK")]
    public async Task Transaction_statements_are_rejected(string text)
    {
        (await Should.ThrowAsync<NotSupportedException>(() => Execute(text))).Message.ShouldContain("atomic");
    }

    [Fact]
    public async Task Rejected_immediate_transaction_does_not_affect_later_commands()
    {
        await Should.ThrowAsync<SqliteException>(() => Execute("BEGIN IMMEDIATE"));

        await Execute("CREATE TABLE T (x)");
    }

    [Fact]
    public async Task Error_of_a_missing_parameter_value_names_the_parameter()
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(() => Execute("SELECT @first, @second", new() { ["first"] = 1 }));

        error.Message.ShouldContain("'second'");
    }

    [Fact]
    public async Task Lock_of_another_process_fails_every_waiting_write_and_later_writes_succeed()
    {
        database.Options.BusyTimeout = TimeSpan.FromMilliseconds(50);
        await Execute("CREATE TABLE T (x)");
        var other = await OtherProcess();

        var writes = Enumerable.Range(0, 10).Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i })).ToList();

        foreach (var write in writes)
            (await Should.ThrowAsync<StorageException>(() => write)).Message.ShouldContain("locked by another process");
        await other.DisposeAsync();
        await Execute("INSERT INTO T VALUES (1)");
        (await Count("T")).ShouldBe(1);
    }

    [Fact]
    public async Task Full_disk_fails_every_write_of_the_group_and_later_writes_succeed()
    {
        await Execute("CREATE TABLE T (x); CREATE TABLE Limits (x)");
        var pages = (await Sql.Query("PRAGMA page_count", [], row => row.GetInt64(0), Token)).Single();
        // The command contains a write, so the pragma runs on the connection of the writer.
        await Execute($"INSERT INTO Limits VALUES (1); PRAGMA max_page_count={pages + 20}");

        var writes = Enumerable.Range(0, 64).Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = new byte[8192] })).ToList();
        var errors = await Task.WhenAll(writes.Select(Error));

        errors.OfType<StorageException>().ShouldNotBeEmpty();
        errors.OfType<StorageException>().ShouldAllBe(error => error.Message.Contains("free space"));
        (await Count("T")).ShouldBe(errors.Count(error => error is null));
        await Execute($"INSERT INTO Limits VALUES (1); PRAGMA max_page_count={pages + 2000}");
        await Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = new byte[8192] });
    }

    [Fact]
    public async Task Write_canceled_while_queued_is_not_executed()
    {
        // Each group has one write: while the first write waits for the lock, the second write is queued.
        database.Options.MaxWritesPerCommit = 1;
        await Execute("CREATE TABLE T (x)");
        var other = await OtherProcess();
        var first = Execute("INSERT INTO T VALUES (1)");
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var second = Sql.Execute("INSERT INTO T VALUES (2)", [], canceled.Token);
        await canceled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => second);
        await other.DisposeAsync();
        await first;
        (await Sql.Query("SELECT x FROM T", [], row => row.GetInt64(0), Token)).ShouldBe([1]);
    }

    [Fact]
    public async Task Canceled_read_is_aborted()
    {
        const string Endless = "WITH RECURSIVE N(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM N) SELECT max(n) FROM N";
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = Sql.Query(Endless, [], row => row.GetInt64(0), canceled.Token);

        await canceled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => read);
        (await Sql.Query("SELECT 1", [], row => row.GetInt64(0), Token)).ShouldBe([1]);
    }

    [Fact]
    public async Task Accepted_writes_are_executed_before_the_data_source_closes()
    {
        await Execute("CREATE TABLE T (x)");
        // After this the text is known as a write, so the following writes are queued before their calls return.
        await Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = -1 });
        var writes = Enumerable.Range(0, 1000).Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i })).ToList();

        await database.Close();

        await Task.WhenAll(writes);
        Directory.GetFiles(Path.Combine(database.Folder, "data")).ShouldBe([database.Options.Path]);
        (await Count("T")).ShouldBe(1001);
    }

    [Fact]
    public async Task Closed_data_source_rejects_reads_and_writes()
    {
        var source = Source;
        await Execute("CREATE TABLE T (x)");
        await new SqliteDatabase(source).Execute("INSERT INTO T VALUES (1)", [], Token);
        await database.Close();

        (
            await Should.ThrowAsync<ObjectDisposedException>(() =>
                new SqliteDatabase(source).Execute("INSERT INTO T VALUES (1)", [], Token)
            )
        ).Message.ShouldContain("is closed");
        (
            await Should.ThrowAsync<ObjectDisposedException>(() => new SqliteDatabase(source).Query("SELECT 1", [], row => 1, Token))
        ).Message.ShouldContain("is closed");
    }

    [Fact]
    public async Task Writes_wait_while_the_queue_is_full()
    {
        (database.Options.MaxQueuedWrites, database.Options.MaxWritesPerCommit) = (4, 2);
        await Execute("CREATE TABLE T (x)");

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i })));

        (await Count("T")).ShouldBe(500);
    }

    [Fact]
    public async Task More_texts_than_the_prepared_command_cache_holds_still_run()
    {
        await Execute("CREATE TABLE T (x)");

        for (var i = 0; i < 300; i++)
            await Execute($"INSERT INTO T VALUES ({i})");

        (await Count("T")).ShouldBe(300);
    }

    [Fact]
    public async Task Read_sees_a_write_that_was_just_acknowledged()
    {
        await Execute("CREATE TABLE T (x)");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(WriteThenRead));

        async Task WriteThenRead(int i)
        {
            await Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i });
            (await Sql.Query("SELECT x FROM T WHERE x = @x", new() { ["x"] = i }, row => row.GetInt32(0), Token)).ShouldBe([i]);
        }
    }

    private Task Execute(string sql, SqlParameters? parameters = null) => Sql.Execute(sql, parameters ?? [], Token);

    private async Task<long> Count(string table) =>
        (await Sql.Query($"SELECT count(*) FROM {table}", [], row => row.GetInt64(0), Token)).Single();

    private async Task<SqliteConnection> OtherProcess()
    {
        var other = new SqliteConnection($"Data Source={database.Options.Path};Pooling=False");
        await other.OpenAsync(Token);
        await using var command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(Token);
        return other;
    }

    private static async Task<bool> Succeeded(Task task) => await Error(task) is null;

    private static async Task<Exception?> Error(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
