using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class SqliteBodyStoreTests() : BodyStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlBodyStoreTests() : BodyStoreTests(new TestPostgreSqlDatabase());

public abstract class BodyStoreTests : StoreTest<IBodyStore>
{
    private readonly CallId id = CallId.Create(Start);
    private readonly FakeTimeProvider time;

    protected BodyStoreTests(ITestDatabase database)
        : this(database, new(Start)) { }

    private BodyStoreTests(ITestDatabase database, FakeTimeProvider time)
        : base(database, sql => new BodyStore(sql, time)) => this.time = time;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BodyStore.ChunkSize - 1)]
    [InlineData(BodyStore.ChunkSize)]
    [InlineData(BodyStore.ChunkSize + 1)]
    [InlineData(3 * BodyStore.ChunkSize)]
    public async Task Body_of_any_length_is_read_as_it_was_written(int length)
    {
        var bytes = Bytes(length);

        (await Write(bytes)).ShouldBe(length);

        (await Read()).ShouldBe(bytes);
    }

    [Fact]
    public async Task Body_received_in_small_reads_is_stored_in_full_chunks()
    {
        var bytes = Bytes(BodyStore.ChunkSize + 100);

        await Store.Write(id, BodyPart.Request, new SlowStream(bytes), long.MaxValue, Token);

        (await Read()).ShouldBe(bytes);
        (await Chunks()).ShouldBe(2);
    }

    [Fact]
    public async Task New_body_replaces_the_earlier_one_completely()
    {
        await Write(Bytes(3 * BodyStore.ChunkSize));
        await Write([1, 2, 3]);

        (await Read()).ShouldBe([1, 2, 3]);
        (await Chunks()).ShouldBe(1);
    }

    [Fact]
    public async Task Too_long_body_is_not_stored_and_keeps_the_earlier_one()
    {
        await Write([1, 2, 3]);

        (await Store.Write(id, BodyPart.Request, new MemoryStream(Bytes(BodyStore.ChunkSize + 1)), BodyStore.ChunkSize, Token)).ShouldBe(
            -1
        );

        (await Read()).ShouldBe([1, 2, 3]);
        (await Chunks()).ShouldBe(1);
    }

    [Fact]
    public async Task Interrupted_body_is_never_visible_and_leaves_no_chunks()
    {
        await Should.ThrowAsync<IOException>(() =>
            Store.Write(id, BodyPart.Request, new SlowStream(Bytes(BodyStore.ChunkSize + 100), fails: true), long.MaxValue, Token)
        );

        (await Store.Open(id, BodyPart.Request, Token)).ShouldBeNull();
        (await Chunks()).ShouldBe(0);
    }

    [Fact]
    public async Task Reader_of_a_replaced_body_fails_instead_of_ending_early()
    {
        await Write(Bytes(3 * BodyStore.ChunkSize));
        await using var body = await Store.Open(id, BodyPart.Request, Token);
        await body!.ReadExactlyAsync(new byte[10], Token);

        await Write([1]);

        await Should.ThrowAsync<IOException>(() => body.CopyToAsync(Stream.Null, Token));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(BodyStore.ChunkSize - 5, 10)]
    [InlineData(BodyStore.ChunkSize, 1)]
    [InlineData(3 * BodyStore.ChunkSize, 1000)]
    [InlineData((4 * BodyStore.ChunkSize) + 1234, 1)]
    [InlineData((4 * BodyStore.ChunkSize) + 1235, 0)]
    [InlineData((4 * BodyStore.ChunkSize) + 5000, 0)]
    public async Task Body_can_be_read_from_any_position(int from, int count)
    {
        var bytes = Bytes((4 * BodyStore.ChunkSize) + 1235);
        await Write(bytes);
        await using var body = await Store.Open(id, BodyPart.Request, Token);
        await body!.ReadExactlyAsync(new byte[100], Token);

        body.Position = from;

        (await ReadUpTo(body, count)).ShouldBe(bytes[Math.Min(from, bytes.Length)..][..count]);
    }

    [Fact]
    public async Task Body_can_be_read_in_any_order()
    {
        var bytes = Bytes(3 * BodyStore.ChunkSize);
        await Write(bytes);
        await using var body = await Store.Open(id, BodyPart.Request, Token);

        body!.Seek(-10, SeekOrigin.End).ShouldBe(bytes.Length - 10);
        (await ReadUpTo(body, 20)).ShouldBe(bytes[^10..]);
        body.Seek(5, SeekOrigin.Begin).ShouldBe(5);
        (await ReadUpTo(body, 3)).ShouldBe(bytes[5..8]);
        body.Seek(-2, SeekOrigin.Current).ShouldBe(6);
        (await ReadUpTo(body, 3)).ShouldBe(bytes[6..9]);
        Should.Throw<ArgumentOutOfRangeException>(() => body.Seek(-10, SeekOrigin.Begin));
    }

    [Fact]
    public async Task Reader_loads_only_the_chunks_that_are_read()
    {
        var bytes = Bytes(8 * BodyStore.ChunkSize);
        await Write(bytes);
        await using var body = await Store.Open(id, BodyPart.Request, Token);
        // Loading any other chunk would fail.
        await Source.Execute("DELETE FROM BodyChunk WHERE seq NOT IN (3, 4)", [], Token);

        body!.Position = (4 * BodyStore.ChunkSize) - 10;
        (await ReadUpTo(body, 20)).ShouldBe(bytes[((4 * BodyStore.ChunkSize) - 10)..][..20]);

        body.Position = 3 * BodyStore.ChunkSize;
        await ReadUpTo(body, 2 * BodyStore.ChunkSize);
        await Should.ThrowAsync<IOException>(() => ReadUpTo(body, 1));
    }

    [Fact]
    public async Task Concurrent_writers_leave_exactly_one_complete_body()
    {
        var (one, other) = (Bytes(3 * BodyStore.ChunkSize + 1), Bytes(2 * BodyStore.ChunkSize + 2));

        await Task.WhenAll(Write(one), Write(other));

        var read = await Read();
        (read!.SequenceEqual(one) || read!.SequenceEqual(other)).ShouldBeTrue();
        (await Chunks()).ShouldBe(read!.Length / BodyStore.ChunkSize + 1);
    }

    [Fact]
    public async Task Request_and_response_bodies_are_deleted_with_their_call()
    {
        await Write([1]);
        await Store.Write(id, BodyPart.Result(1), new MemoryStream([2]), 1, Token);

        await Store.Delete(id, Token);
        await Store.Delete(id, Token);

        (await Store.Open(id, BodyPart.Request, Token)).ShouldBeNull();
        (await Store.Open(id, BodyPart.Result(1), Token)).ShouldBeNull();
        (await Chunks()).ShouldBe(0);
    }

    [Fact]
    public async Task Old_bodies_without_a_call_are_purged()
    {
        var owned = CallId.Create(Start);
        await Write("asyncCall", owned.Value, new AsyncCallState { Id = owned.Value });
        await Store.Write(owned, BodyPart.Request, new MemoryStream([1]), 1, Token);
        await Write(Bytes(2 * BodyStore.ChunkSize));
        await Store.Write(id, BodyPart.Result(1), new MemoryStream([1]), 1, Token);
        time.Advance(TimeSpan.FromHours(1));
        var young = CallId.Create(Start);
        await Store.Write(young, BodyPart.Request, new MemoryStream([1]), 1, Token);

        (await Store.DeleteOrphans(Start.AddMinutes(1), 1, Token)).ShouldBe(1);
        (await Store.DeleteOrphans(Start.AddMinutes(1), 10, Token)).ShouldBe(1);
        (await Store.DeleteOrphans(Start.AddMinutes(1), 10, Token)).ShouldBe(0);

        (await Store.Open(owned, BodyPart.Request, Token)).ShouldNotBeNull();
        (await Store.Open(young, BodyPart.Request, Token)).ShouldNotBeNull();
        (await Chunks()).ShouldBe(2);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private Task<long> Write(byte[] bytes) => Store.Write(id, BodyPart.Request, new MemoryStream(bytes), bytes.Length, Token);

    private async Task<byte[]?> Read()
    {
        await using var body = await Store.Open(id, BodyPart.Request, Token);
        var copy = new MemoryStream();
        await body!.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    /// <summary>Reads <paramref name="count"/> bytes, or fewer at the end of the body.</summary>
    private static async Task<byte[]> ReadUpTo(Stream body, int count)
    {
        var bytes = new byte[count];
        return bytes[..await body.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, Token)];
    }

    private async Task<long> Chunks() => (await Source.Query("SELECT count(*) FROM BodyChunk", [], row => row.GetInt64(0), Token)).Single();

    /// <summary>A stream that returns at most 1,000 bytes per read and can fail at its end.</summary>
    private sealed class SlowStream(byte[] bytes, bool fails = false) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (fails && Position == Length)
                throw new IOException("The client disconnected.");
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
        }
    }
}
