using DeployCard.Contracts.AsyncCalls;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <summary>
/// Read-only stream over a stored body that keeps one chunk in memory. Each chunk is read by a separate query, so that a slow reader holds
/// no connection or snapshot. If the body is replaced or removed during reading, the next read throws instead of ending the stream early.
/// All chunks except the last have the same size, so a position determines its chunk and seeking reads no other chunk.
/// </summary>
internal sealed class BodyStream(SqlDatabase database, CallId id, BodyPart part, string version, long length) : Stream
{
    private byte[] chunk = [];
    private long chunkNumber = -1;
    private long position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => length;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position >= length || buffer.IsEmpty)
            return 0;
        var (number, offset) = Math.DivRem(position, BodyStore.ChunkSize);
        if (number != chunkNumber)
            (chunk, chunkNumber) = (await ReadChunk(number, cancellationToken), number);
        var count = (int)Math.Min(buffer.Length, chunk.Length - offset);
        chunk.AsMemory((int)offset, count).CopyTo(buffer);
        position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) =>
        Position =
            offset
            + origin switch
            {
                SeekOrigin.Begin => 0,
                SeekOrigin.Current => position,
                SeekOrigin.End => length,
                _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "The origin must be Begin, Current or End."),
            };

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A stored body can only be read asynchronously: call ReadAsync.");

    public override void Flush() => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task<byte[]> ReadChunk(long number, CancellationToken cancellationToken)
    {
        var found = await database.Query(
            "SELECT data FROM BodyChunk WHERE callId = @callId AND part = @part AND version = @version AND seq = @seq",
            new()
            {
                ["callId"] = id.Value,
                ["part"] = part.Name,
                ["version"] = version,
                ["seq"] = number,
            },
            row => (byte[])row.GetValue(0),
            cancellationToken
        );
        var expected = Math.Min(BodyStore.ChunkSize, length - (number * BodyStore.ChunkSize));
        return found is [var chunk] && chunk.Length == expected
            ? chunk
            : throw new IOException($"The body of call {id} was removed or replaced while it was being read.");
    }
}
