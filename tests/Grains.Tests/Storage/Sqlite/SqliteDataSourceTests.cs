using System.Data.Common;
using DeployCard.Grains.Storage;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

public sealed class SqliteDataSourceTests : IAsyncDisposable
{
    private readonly SqliteDatabase database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DbDataSource Source => database.Source;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_row_that_was_written_is_read_back_with_every_type()
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

        var row = (await Source.Query("SELECT * FROM T", [], row => Enumerable.Range(0, 6).Select(row.GetValue).ToArray(), Token)).Single();
        row.ShouldBe([long.MaxValue, 0.5, "жизнь 🙂", new byte[] { 0, 255 }, Array.Empty<byte>(), DBNull.Value]);
    }

    [Fact]
    public async Task A_write_that_fails_takes_nothing_of_the_others_with_it()
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
    public async Task A_command_of_several_statements_is_kept_as_a_whole_or_not_at_all()
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
    public async Task What_writes_is_known_whatever_it_begins_with(string text)
    {
        await Execute("CREATE TABLE T (x)");

        await Execute(text);

        (await Count("T")).ShouldBe(1);
    }

    [Fact]
    public async Task A_command_that_only_reads_does_not_wait_for_the_writer()
    {
        await Execute("CREATE TABLE T (x)");
        await using var other = await OtherProcess();

        // Behind the other's lock no write comes through.
        var write = Execute("INSERT INTO T VALUES (1)");
        var rows = await Source.Query("WITH N(n) AS (SELECT count(*) FROM T) SELECT n FROM N", [], row => row.GetInt64(0), Token);

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
    public async Task A_command_cannot_end_the_transaction_of_others(string text)
    {
        (await Should.ThrowAsync<NotSupportedException>(() => Execute(text))).Message.ShouldContain("atomic");
    }

    [Fact]
    public async Task An_immediate_transaction_fails_alone()
    {
        await Should.ThrowAsync<SqliteException>(() => Execute("BEGIN IMMEDIATE"));

        await Execute("CREATE TABLE T (x)");
    }

    [Fact]
    public async Task A_command_without_one_of_its_parameters_names_it()
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(() => Execute("SELECT @first, @second", new() { ["first"] = 1 }));

        error.Message.ShouldContain("'second'");
    }

    [Fact]
    public async Task A_database_that_another_process_holds_is_told_to_every_writer_and_writes_go_on_afterwards()
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
    public async Task A_full_disk_is_told_to_every_writer_of_the_group_and_writes_go_on_afterwards()
    {
        await Execute("CREATE TABLE T (x); CREATE TABLE Limits (x)");
        var pages = (await Source.Query("PRAGMA page_count", [], row => row.GetInt64(0), Token)).Single();
        // A pragma with a value counts as a write, and so reaches the connection that writes.
        await Execute($"INSERT INTO Limits VALUES (1); PRAGMA max_page_count={pages + 20}");

        var writes = Enumerable.Range(0, 64).Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = new byte[8192] })).ToList();
        var errors = await Task.WhenAll(writes.Select(Error));

        errors.OfType<StorageException>().ShouldNotBeEmpty();
        errors.OfType<StorageException>().ShouldAllBe(error => error.Message.Contains("make room"));
        (await Count("T")).ShouldBe(errors.Count(error => error is null));
        await Execute($"INSERT INTO Limits VALUES (1); PRAGMA max_page_count={pages + 2000}");
        await Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = new byte[8192] });
    }

    [Fact]
    public async Task A_write_that_is_canceled_before_its_turn_is_not_written()
    {
        // One write a group: while the first waits for the lock, the second waits in the queue.
        database.Options.MaxWritesPerCommit = 1;
        await Execute("CREATE TABLE T (x)");
        var other = await OtherProcess();
        var first = Execute("INSERT INTO T VALUES (1)");
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var second = Source.Execute("INSERT INTO T VALUES (2)", [], canceled.Token);
        await canceled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => second);
        await other.DisposeAsync();
        await first;
        (await Source.Query("SELECT x FROM T", [], row => row.GetInt64(0), Token)).ShouldBe([1]);
    }

    [Fact]
    public async Task A_read_that_is_canceled_is_broken_off()
    {
        const string Endless = "WITH RECURSIVE N(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM N) SELECT max(n) FROM N";
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = Source.Query(Endless, [], row => row.GetInt64(0), canceled.Token);

        await canceled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => read);
        (await Source.Query("SELECT 1", [], row => row.GetInt64(0), Token)).ShouldBe([1]);
    }

    [Fact]
    public async Task What_was_accepted_is_written_before_it_closes()
    {
        await Execute("CREATE TABLE T (x)");
        // Known as a write from here on, so that the others are in the queue when their calls return.
        await Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = -1 });
        var writes = Enumerable.Range(0, 1000).Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i })).ToList();

        await database.Close();

        await Task.WhenAll(writes);
        Directory.GetFiles(Path.Combine(database.Folder, "data")).ShouldBe([database.Options.Path]);
        (await Count("T")).ShouldBe(1001);
    }

    [Fact]
    public async Task A_closed_one_refuses_reads_and_writes()
    {
        var source = Source;
        await Execute("CREATE TABLE T (x)");
        await source.Execute("INSERT INTO T VALUES (1)", [], Token);
        await database.Close();

        (
            await Should.ThrowAsync<ObjectDisposedException>(() => source.Execute("INSERT INTO T VALUES (1)", [], Token))
        ).Message.ShouldContain("is closed");
        (await Should.ThrowAsync<ObjectDisposedException>(() => source.Query("SELECT 1", [], row => 1, Token))).Message.ShouldContain(
            "is closed"
        );
    }

    [Fact]
    public async Task A_full_queue_makes_writers_wait_instead_of_growing()
    {
        (database.Options.MaxQueuedWrites, database.Options.MaxWritesPerCommit) = (4, 2);
        await Execute("CREATE TABLE T (x)");

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i })));

        (await Count("T")).ShouldBe(500);
    }

    [Fact]
    public async Task More_texts_than_it_keeps_prepared_still_run()
    {
        await Execute("CREATE TABLE T (x)");

        for (var i = 0; i < 300; i++)
            await Execute($"INSERT INTO T VALUES ({i})");

        (await Count("T")).ShouldBe(300);
    }

    [Fact]
    public async Task A_reader_sees_what_was_acknowledged_a_moment_before()
    {
        await Execute("CREATE TABLE T (x)");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(WriteThenRead));

        async Task WriteThenRead(int i)
        {
            await Execute("INSERT INTO T VALUES (@x)", new() { ["x"] = i });
            (await Source.Query("SELECT x FROM T WHERE x = @x", new() { ["x"] = i }, row => row.GetInt32(0), Token)).ShouldBe([i]);
        }
    }

    private Task Execute(string sql, SqlParameters? parameters = null) => Source.Execute(sql, parameters ?? [], Token);

    private async Task<long> Count(string table) =>
        (await Source.Query($"SELECT count(*) FROM {table}", [], row => row.GetInt64(0), Token)).Single();

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
