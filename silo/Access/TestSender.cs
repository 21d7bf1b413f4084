using System.Text;
using DeployCard.Contracts.Access;
using DeployCard.Contracts.Routing;
using DeployCard.GraphQL.ApiTests;
using DeployCard.GraphQL.Images;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace DeployCard.Silo.Access;

/// <summary>Sends the test requests of the card over HTTP to the gateway of this silo.</summary>
internal sealed class TestSender(TestCredential credential, IServer server, TimeProvider time) : ITestSender, IDisposable
{
    private const int MaxBodyBytes = 1 << 20;

    private readonly HttpMessageInvoker client = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // The gateway continues the trace that the user gives in the headers of the test request, or starts one.
            ActivityHeadersPropagator = null,
        }
    );

    public async Task<TestResponse> Send(string deployment, TestRequestInput request, CancellationToken ct)
    {
        using var message = CreateMessage(deployment, request);
        var started = time.GetTimestamp();
        using var response = await client.SendAsync(message, ct);
        var (body, isTruncated) = await Read(await response.Content.ReadAsStreamAsync(ct), ct);
        var duration = time.GetElapsedTime(started);
        var text = DecodeUtf8(body);
        var headers = response.Headers.Concat(response.Content.Headers).SelectMany(h => h.Value.Select(v => new Header(h.Key, v)));
        var callId = request.IsAsync && response.Headers.Location is { } location ? location.OriginalString.Split('/')[^1] : null;
        return new(
            (int)response.StatusCode,
            [.. headers],
            text,
            text is null ? Convert.ToBase64String(body) : null,
            isTruncated,
            duration,
            callId
        );
    }

    public void Dispose() => client.Dispose();

    private HttpRequestMessage CreateMessage(string deployment, TestRequestInput request)
    {
        var origin = GetOrigin();
        var target = new Uri($"{origin}/predict/{deployment}{request.Path}");
        var message = new HttpRequestMessage(HttpMethod.Parse(request.Method), target);
        if (request.Body is { } body)
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var header in request.Headers ?? [])
        {
            if (!message.Headers.TryAddWithoutValidation(header.Name, header.Value))
                message.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        // Set last, so that a key among the headers of the user is replaced.
        message.Headers.Remove(HeaderNames.ApiKey);
        message.Headers.Add(HeaderNames.ApiKey, credential.Text);
        if (request.IsAsync)
        {
            message.Headers.Remove(HeaderNames.AsyncRequest);
            message.Headers.Add(HeaderNames.AsyncRequest, "true");
        }

        return message;
    }

    private string GetOrigin() =>
        server
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.First()
            .Replace("[::]", "127.0.0.1")
            .Replace("0.0.0.0", "127.0.0.1")
            .TrimEnd('/');

    private static async Task<(byte[] Body, bool IsTruncated)> Read(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBodyBytes + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return (buffer[..Math.Min(length, MaxBodyBytes)], length > MaxBodyBytes);
    }

    private static string? DecodeUtf8(byte[] body)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
