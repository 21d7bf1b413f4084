using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Storage;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class SqliteBodyStoreTests() : BodyStoreTests(new SqliteDatabase());

public sealed class PostgreSqlBodyStoreTests() : BodyStoreTests(new PostgreSqlDatabase());

public abstract class BodyStoreTests : StorageTest
{
    private readonly CallId id = CallId.New(Start);
    private readonly FakeTimeProvider time = new(Start);
    private readonly BodyStore store;

    protected BodyStoreTests(ITestDatabase database)
        : base(database) => store = new(Source, time);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BodyStore.ChunkSize - 1)]
    [InlineData(BodyStore.ChunkSize)]
    [InlineData(BodyStore.ChunkSize + 1)]
    [InlineData(3 * BodyStore.ChunkSize)]
    public async Task A_body_comes_back_as_it_was_whatever_its_length(int length)
    {
        var bytes = Bytes(length);

        (await Write(bytes)).ShouldBe(length);

        (await Read()).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_body_that_comes_in_drops_is_stored_in_full_chunks()
    {
        var bytes = Bytes(BodyStore.ChunkSize + 100);

        await store.Write(id, BodyPart.Request, new Drops(bytes), long.MaxValue, Token);

        (await Read()).ShouldBe(bytes);
        (await Chunks()).ShouldBe(2);
    }

    [Fact]
    public async Task A_body_is_replaced_as_a_whole()
    {
        await Write(Bytes(3 * BodyStore.ChunkSize));
        await Write([1, 2, 3]);

        (await Read()).ShouldBe([1, 2, 3]);
        (await Chunks()).ShouldBe(1);
    }

    [Fact]
    public async Task A_body_that_is_too_long_stores_nothing_and_leaves_the_earlier_one()
    {
        await Write([1, 2, 3]);

        (await store.Write(id, BodyPart.Request, new MemoryStream(Bytes(BodyStore.ChunkSize + 1)), BodyStore.ChunkSize, Token)).ShouldBe(
            -1
        );

        (await Read()).ShouldBe([1, 2, 3]);
        (await Chunks()).ShouldBe(1);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_never_seen_and_leaves_nothing()
    {
        await Should.ThrowAsync<IOException>(() =>
            store.Write(id, BodyPart.Request, new Drops(Bytes(BodyStore.ChunkSize + 100), fails: true), long.MaxValue, Token)
        );

        (await store.Open(id, BodyPart.Request, Token)).ShouldBeNull();
        (await Chunks()).ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_whose_body_is_replaced_fails_instead_of_ending_early()
    {
        await Write(Bytes(3 * BodyStore.ChunkSize));
        await using var body = await store.Open(id, BodyPart.Request, Token);
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
    public async Task A_body_is_read_from_any_position(int from, int count)
    {
        var bytes = Bytes((4 * BodyStore.ChunkSize) + 1235);
        await Write(bytes);
        await using var body = await store.Open(id, BodyPart.Request, Token);
        await body!.ReadExactlyAsync(new byte[100], Token);

        body.Position = from;

        (await Take(body, count)).ShouldBe(bytes[Math.Min(from, bytes.Length)..][..count]);
    }

    [Fact]
    public async Task A_body_is_read_in_any_order()
    {
        var bytes = Bytes(3 * BodyStore.ChunkSize);
        await Write(bytes);
        await using var body = await store.Open(id, BodyPart.Request, Token);

        body!.Seek(-10, SeekOrigin.End).ShouldBe(bytes.Length - 10);
        (await Take(body, 20)).ShouldBe(bytes[^10..]);
        body.Seek(5, SeekOrigin.Begin).ShouldBe(5);
        (await Take(body, 3)).ShouldBe(bytes[5..8]);
        body.Seek(-2, SeekOrigin.Current).ShouldBe(6);
        (await Take(body, 3)).ShouldBe(bytes[6..9]);
        Should.Throw<ArgumentOutOfRangeException>(() => body.Seek(-10, SeekOrigin.Begin));
    }

    [Fact]
    public async Task Only_the_chunks_that_are_read_are_asked_for()
    {
        var bytes = Bytes(8 * BodyStore.ChunkSize);
        await Write(bytes);
        await using var body = await store.Open(id, BodyPart.Request, Token);
        // Whoever asked for another one would fail.
        await Source.Execute("DELETE FROM BodyChunk WHERE seq NOT IN (3, 4)", [], Token);

        body!.Position = (4 * BodyStore.ChunkSize) - 10;
        (await Take(body, 20)).ShouldBe(bytes[((4 * BodyStore.ChunkSize) - 10)..][..20]);

        body.Position = 3 * BodyStore.ChunkSize;
        await Take(body, 2 * BodyStore.ChunkSize);
        await Should.ThrowAsync<IOException>(() => Take(body, 1));
    }

    [Fact]
    public async Task Two_writers_of_one_body_leave_one_of_the_two()
    {
        var (one, other) = (Bytes(3 * BodyStore.ChunkSize + 1), Bytes(2 * BodyStore.ChunkSize + 2));

        await Task.WhenAll(Write(one), Write(other));

        var read = await Read();
        (read!.SequenceEqual(one) || read!.SequenceEqual(other)).ShouldBeTrue();
        (await Chunks()).ShouldBe(read!.Length / BodyStore.ChunkSize + 1);
    }

    [Fact]
    public async Task Both_bodies_of_a_call_are_removed_with_it()
    {
        await Write([1]);
        await store.Write(id, BodyPart.Result(1), new MemoryStream([2]), 1, Token);

        await store.Delete(id, Token);
        await store.Delete(id, Token);

        (await store.Open(id, BodyPart.Request, Token)).ShouldBeNull();
        (await store.Open(id, BodyPart.Result(1), Token)).ShouldBeNull();
        (await Chunks()).ShouldBe(0);
    }

    [Fact]
    public async Task Old_bodies_that_no_call_names_are_swept_up()
    {
        var owned = CallId.New(Start);
        await Write("asyncCall", owned.Value, new AsyncCallState { Id = owned.Value });
        await store.Write(owned, BodyPart.Request, new MemoryStream([1]), 1, Token);
        await Write(Bytes(2 * BodyStore.ChunkSize));
        await store.Write(id, BodyPart.Result(1), new MemoryStream([1]), 1, Token);
        time.Advance(TimeSpan.FromHours(1));
        var young = CallId.New(Start);
        await store.Write(young, BodyPart.Request, new MemoryStream([1]), 1, Token);

        (await store.DeleteOrphans(Start.AddMinutes(1), 1, Token)).ShouldBe(1);
        (await store.DeleteOrphans(Start.AddMinutes(1), 10, Token)).ShouldBe(1);
        (await store.DeleteOrphans(Start.AddMinutes(1), 10, Token)).ShouldBe(0);

        (await store.Open(owned, BodyPart.Request, Token)).ShouldNotBeNull();
        (await store.Open(young, BodyPart.Request, Token)).ShouldNotBeNull();
        (await Chunks()).ShouldBe(2);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private Task<long> Write(byte[] bytes) => store.Write(id, BodyPart.Request, new MemoryStream(bytes), bytes.Length, Token);

    private async Task<byte[]?> Read()
    {
        await using var body = await store.Open(id, BodyPart.Request, Token);
        var copy = new MemoryStream();
        await body!.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    /// <summary>So many bytes, or fewer where the body ends.</summary>
    private static async Task<byte[]> Take(Stream body, int count)
    {
        var taken = new byte[count];
        return taken[..await body.ReadAtLeastAsync(taken, count, throwOnEndOfStream: false, Token)];
    }

    private async Task<long> Chunks() => (await Source.Query("SELECT count(*) FROM BodyChunk", [], row => row.GetInt64(0), Token)).Single();

    /// <summary>Gives a few bytes at each read, and may break off in the end.</summary>
    private sealed class Drops(byte[] bytes, bool fails = false) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (fails && Position == Length)
                throw new IOException("The client has gone.");
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
        }
    }
}
