using System.Net;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Holds the client of .NET to two things that the forwarder leaves to it. A body goes out as it comes: by itself the client keeps the last few
/// KiB back until more comes, and a pod that works on what it hears, as on speech, would wait for ever. And what may not be seen twice is sent
/// once: by itself the client sends a request without a body up to four times when connections break.
/// </summary>
internal sealed class PodMessages(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<bool> IsPrompt = new("deploycard.prompt");

    /// <summary>Asks for the parts of a body to go out as they come; one that has come as a whole is one write anyhow.</summary>
    public static void SendPromptly(HttpRequestMessage request) => request.Options.Set(IsPrompt, true);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            if (request.Options.TryGetValue(IsPrompt, out _))
                request.Content = new PromptContent(content);
        }
        else if (!PodFailure.IsIdempotent(request.Method.Method) && request.Method != HttpMethod.Connect)
        {
            // With a body that has begun to go out, though it is empty, the client sends nothing again.
            request.Content = new ByteArrayContent([]);
        }

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
