using System.Net;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Has each part of a request's body go out as it comes. The client of .NET keeps the last few KiB back until more comes, and the forwarder lets
/// it: a pod that answers what it hears, as to speech, would wait for ever.
/// </summary>
internal sealed class PromptBody(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<bool> Key = new("deploycard.prompt-body");

    /// <summary>Asks for it: a body that has come as a whole needs no more than one write.</summary>
    public static void Ask(HttpRequestMessage request) => request.Options.Set(Key, true);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content && request.Options.TryGetValue(Key, out _))
            request.Content = new PromptContent(content);
        return base.SendAsync(request, cancellationToken);
    }

    private sealed class PromptContent : HttpContent
    {
        private readonly HttpContent inner;

        public PromptContent(HttpContent inner)
        {
            this.inner = inner;
            foreach (var header in inner.Headers.NonValidated)
                Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            inner.CopyToAsync(new PromptStream(stream), context, cancellationToken);

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
