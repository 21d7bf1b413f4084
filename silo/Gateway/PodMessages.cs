using System.Net;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Holds the client of .NET to what the forwarder leaves to it. A body that takes time goes out as it comes: by itself the client keeps the last
/// few KiB back until more comes, and a pod that works on what it hears, as on speech, would wait for ever. A small one goes out together with
/// its head, in one packet. And what may not be seen twice is sent once: by itself the client sends a request without a body up to four times
/// when connections break.
/// </summary>
internal sealed class PodMessages(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            request.Content = new PodContent(content, isPrompt: BodyKind.TakesTime(content.Headers.ContentLength));
        }
        else if (!PodFailure.IsIdempotent(request.Method.Method) && request.Method != HttpMethod.Connect)
        {
            // With a body that has begun to go out, though it is empty, the client sends nothing again.
            request.Content = new ByteArrayContent([]);
        }

        return base.SendAsync(request, cancellationToken);
    }

    private sealed class PodContent : HttpContent
    {
        private readonly HttpContent inner;
        private readonly bool isPrompt;

        public PodContent(HttpContent inner, bool isPrompt)
        {
            (this.inner, this.isPrompt) = (inner, isPrompt);
            foreach (var header in inner.Headers.NonValidated)
            {
                // Value by value: as a list they would be boxed.
                foreach (var value in header.Value)
                    Headers.TryAddWithoutValidation(header.Key, value);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            inner.CopyToAsync(isPrompt ? new PromptStream(stream) : new WholeStream(stream), context, cancellationToken);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
