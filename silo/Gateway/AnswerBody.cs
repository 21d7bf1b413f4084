using System.Net;

namespace DeployCard.Silo.Gateway;

/// <summary>A pod's answer whose silence the clock bounds.</summary>
internal sealed class AnswerBody(HttpContent inner, RequestClock clock) : WrappedContent(inner)
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => new Listening(await Inner.ReadAsStreamAsync(), clock);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Inner.CopyToAsync(stream, context);

    private sealed class Listening(Stream inner, RequestClock clock) : ReadingStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            clock.AwaitsStream();
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
