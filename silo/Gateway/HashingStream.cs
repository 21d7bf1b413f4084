using System.Security.Cryptography;

namespace DeployCard.Silo.Gateway;

/// <summary>A stream whose bytes go into a hash as they are read.</summary>
internal sealed class HashingStream(Stream inner, IncrementalHash hash) : ReadingStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        hash.AppendData(buffer.Span[..count]);
        return count;
    }
}
