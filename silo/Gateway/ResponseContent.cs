using System.Net;

namespace DeployCard.Gateway;

/// <summary>Content of a pod's response that restarts the stream idle timeout at every read.</summary>
internal sealed class ResponseContent(HttpContent inner, RequestTimeouts timeouts) : WrappedContent(inner)
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => new TimedStream(await Inner.ReadAsStreamAsync(), timeouts);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Inner.CopyToAsync(stream, context);

    private sealed class TimedStream(Stream inner, RequestTimeouts timeouts) : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            timeouts.OnStreamRead();
            return inner.ReadAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
