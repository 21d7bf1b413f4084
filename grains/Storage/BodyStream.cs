using System.Data.Common;
using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Grains.Storage;

/// <summary>
/// A stored body, one chunk in memory at a time. Each chunk is a query of its own, so that a slow reader holds nothing in the database; when
/// the body is replaced or removed meanwhile, reading fails instead of ending early.
/// </summary>
internal sealed class BodyStream(DbDataSource source, CallId id, BodyPart part, string version, long length) : Stream
{
    private ReadOnlyMemory<byte> _chunk;
    private int _next;
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == length || buffer.IsEmpty)
            return 0;
        if (_chunk.IsEmpty)
            _chunk = await NextChunk(cancellationToken);
        var count = Math.Min(buffer.Length, _chunk.Length);
        _chunk[..count].CopyTo(buffer);
        _chunk = _chunk[count..];
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously: it comes from a database.");
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task<byte[]> NextChunk(CancellationToken cancellationToken)
    {
        var found = await source.Query(
            "SELECT data FROM BodyChunk WHERE callId = @callId AND part = @part AND version = @version AND seq = @seq",
            new() { ["callId"] = id.Value, ["part"] = part.Name, ["version"] = version, ["seq"] = _next++ },
            row => (byte[])row.GetValue(0), cancellationToken);
        return found is [{ Length: > 0 } chunk] ? chunk : throw new IOException($"The body of the call {id} was removed or replaced while it was read.");
    }
}
