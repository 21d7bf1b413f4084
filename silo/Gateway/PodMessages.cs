using System.Net;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Holds the client of .NET to what the forwarder leaves to it. A body that takes time goes out as it comes (<see cref="SentBody"/>); a small one
/// goes out together with its head, in one packet. And what may not be seen twice is sent once: by itself the client sends a request without a
/// body up to four times when connections break.
/// </summary>
internal sealed class PodMessages(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<SentBody> Body = new("deploycard.body");

    /// <summary>Names the body that a request is to be sent with, where it takes time to come.</summary>
    public static void SendAsItComes(HttpRequestMessage request, SentBody body) => request.Options.Set(Body, body);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            if (!BodyKind.TakesTime(content.Headers.ContentLength))
                request.Content = new PodContent(content, null);
            else if (request.Options.TryGetValue(Body, out var body))
                request.Content = new PodContent(content, body);
        }
        else if (!PodFailure.IsIdempotent(request.Method.Method) && request.Method != HttpMethod.Connect)
        {
            // With a body that has begun to go out, though it is empty, the client sends nothing again.
            request.Content = new ByteArrayContent([]);
        }

        return base.SendAsync(request, cancellationToken);
    }

    private sealed class PodContent : WrappedContent
    {
        private readonly SentBody? body;

        public PodContent(HttpContent inner, SentBody? body)
            : base(inner)
        {
            this.body = body;
            foreach (var header in inner.Headers.NonValidated)
            {
                // Value by value: as a list they would be boxed.
                foreach (var value in header.Value)
                    Headers.TryAddWithoutValidation(header.Key, value);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (body is null)
                return Inner.CopyToAsync(new WholeStream(stream), context, cancellationToken);
            body.Onward = stream;
            return Inner.CopyToAsync(stream, context, cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);
    }
}
