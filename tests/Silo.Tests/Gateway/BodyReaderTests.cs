using System.Data.Common;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Gateway;
using DeployCard.Storage.Sqlite;
using DeployCard.Storage.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class BodyReaderTests : IAsyncDisposable
{
    private const int Inline = CallBody.MaxInlineBytes;
    private const int Most = 3 * Inline;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deploycard-");
    private readonly DbDataSource source;
    private readonly BodyStore store;
    private readonly BodyReader reader;
    private readonly CallId id = CallId.Create(DateTimeOffset.UnixEpoch);

    public BodyReaderTests()
    {
        var options = Options.Create(new SqliteStorageOptions { Path = Path.Combine(folder.FullName, "test.db") });
        new SqliteSchema(options, NullLogger<SqliteSchema>.Instance).Apply();
        source = new SqliteDataSource(options, NullLogger<SqliteDataSource>.Instance);
        store = new(new SqliteDatabase(source), new FakeTimeProvider());
        reader = new(store);
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private Task<(CallBody? Body, bool IsTooLarge)> Read(byte[] body, long most = Most) =>
        reader.Read(id, BodyPart.Request, new Trickle(body), null, most, TestContext.Current.CancellationToken);

    private async Task<byte[]?> Stored()
    {
        await using var stream = await store.Open(id, BodyPart.Request, TestContext.Current.CancellationToken);
        if (stream is null)
            return null;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return bytes.ToArray();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(Inline)]
    public async Task Small_body_with_declared_length_is_read_into_memory(int length)
    {
        var (body, isTooLarge) = await reader.Read(
            id,
            BodyPart.Request,
            new Trickle(Bytes(length)),
            length,
            Most,
            TestContext.Current.CancellationToken
        );

        isTooLarge.ShouldBeFalse();
        (body?.Inline ?? []).ShouldBe(Bytes(length));
        (await Stored()).ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Inline - 1)]
    [InlineData(Inline)]
    public async Task Small_body_stays_in_memory(int length)
    {
        var (body, isTooLarge) = await Read(Bytes(length));

        isTooLarge.ShouldBeFalse();
        body!.Length.ShouldBe(length);
        body.Inline.ShouldBe(Bytes(length));
        (await Stored()).ShouldBeNull();
    }

    [Theory]
    [InlineData(Inline + 1)]
    [InlineData(Inline + 2)]
    [InlineData(Most)]
    public async Task Large_body_is_stored_completely(int length)
    {
        var (body, isTooLarge) = await Read(Bytes(length));

        isTooLarge.ShouldBeFalse();
        body.ShouldBe(new CallBody(length, null));
        (await Stored()).ShouldBe(Bytes(length));
    }

    [Fact]
    public async Task Empty_body_yields_null()
    {
        var (body, isTooLarge) = await Read([]);

        body.ShouldBeNull();
        isTooLarge.ShouldBeFalse();
    }

    [Theory]
    [InlineData(Most + 1, Most)]
    [InlineData(Most * 10, Most)]
    [InlineData(Inline + 1, Inline)]
    [InlineData(11, 10)]
    [InlineData(1, 0)]
    public async Task Body_above_the_limit_is_rejected_and_not_stored(int length, int most)
    {
        var (body, isTooLarge) = await Read(Bytes(length), most);

        body.ShouldBeNull();
        isTooLarge.ShouldBeTrue();
        (await Stored()).ShouldBeNull();
    }

    [Fact]
    public async Task Prefixed_stream_returns_the_prefix_and_then_the_rest()
    {
        await using var stream = new PrefixedStream(Bytes(5), new MemoryStream(Bytes(7)));
        using var read = new MemoryStream();

        await stream.CopyToAsync(read, bufferSize: 3, TestContext.Current.CancellationToken);

        read.ToArray().ShouldBe([.. Bytes(5), .. Bytes(7)]);
    }

    [Fact]
    public async Task Prefixed_stream_without_a_rest_ends_after_the_prefix()
    {
        await using var stream = new PrefixedStream(Bytes(5), Stream.Null);
        var buffer = new byte[10];

        (await stream.ReadAtLeastAsync(buffer, 10, throwOnEndOfStream: false, TestContext.Current.CancellationToken)).ShouldBe(5);
        (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    /// <summary>Stream that returns at most 1,000 bytes per read, like a network stream.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
    }
}
