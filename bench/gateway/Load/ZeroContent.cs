using System.Net;

namespace DeployCard.Bench.Gateway.Load;

/// <summary>A request body of zeros, of any length, that is not held in memory.</summary>
internal sealed class ZeroContent(long length) : HttpContent
{
    private static readonly byte[] Chunk = new byte[64 * 1024];

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (var remaining = length; remaining > 0; remaining -= Chunk.Length)
            await stream.WriteAsync(Chunk.AsMemory(0, (int)Math.Min(remaining, Chunk.Length)), cancellationToken);
    }
}
