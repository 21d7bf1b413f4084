using System.Net;

namespace DeployCard.Bench.Gateway.Load;

/// <summary>A body of any size that takes no memory.</summary>
internal sealed class EndlessContent(long length) : HttpContent
{
    private static readonly byte[] Piece = new byte[64 * 1024];

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (var left = length; left > 0; left -= Piece.Length)
            await stream.WriteAsync(Piece.AsMemory(0, (int)Math.Min(left, Piece.Length)), cancellationToken);
    }
}
