using System.Net;

namespace DeployCard.Gateway;

/// <summary>
/// Controls how .NET's HTTP client sends the forwarder's requests. A large or streamed body is sent as it arrives
/// (<see cref="FlushOnIdleStream"/>). A small body is sent in one packet with the request headers. A request that is not idempotent is
/// sent only once: by default, the client sends a request without a body up to four times when connections fail.
/// </summary>
internal sealed class PodHttpHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<FlushOnIdleStream> Body = new("deploycard.body");

    /// <summary>Sets the body of a request that is sent as it arrives.</summary>
    public static void SetStreamingBody(HttpRequestMessage request, FlushOnIdleStream body) => request.Options.Set(Body, body);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            if (!RequestBodyKind.IsLargeOrStreamed(content.Headers.ContentLength))
                request.Content = new PodContent(content, null);
            else if (request.Options.TryGetValue(Body, out var body))
                request.Content = new PodContent(content, body);
        }
        else if (!PodFailure.IsIdempotent(request.Method.Method) && request.Method != HttpMethod.Connect)
        {
            // The client does not retry a request whose body it has started to send, even if the body is empty.
            request.Content = new ByteArrayContent([]);
        }

        return base.SendAsync(request, cancellationToken);
    }

    private sealed class PodContent : WrappedContent
    {
        private readonly FlushOnIdleStream? body;

        public PodContent(HttpContent inner, FlushOnIdleStream? body)
            : base(inner)
        {
            this.body = body;
            foreach (var header in inner.Headers.NonValidated)
            {
                // Added one by one, because a list of values would be boxed.
                foreach (var value in header.Value)
                    Headers.TryAddWithoutValidation(header.Key, value);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (body is null)
                return Inner.CopyToAsync(new NonFlushingStream(stream), context, cancellationToken);
            body.Destination = stream;
            return Inner.CopyToAsync(stream, context, cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);
    }
}
