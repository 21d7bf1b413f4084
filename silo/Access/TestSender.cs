using System.Text;
using DeployCard.GraphQL.ApiTests;
using DeployCard.GraphQL.Images;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace DeployCard.Silo.Access;

/// <summary>Sends the card's test requests to this silo's own gateway, over HTTP.</summary>
internal sealed class TestSender(PodClient client, TestCredential credential, IServer server, TimeProvider time) : ITestSender
{
    private const int MostShown = 1 << 20;

    public async Task<TestResponse> Send(string deployment, TestRequestInput request, CancellationToken ct)
    {
        using var message = Message(deployment, request);
        var started = time.GetTimestamp();
        using var response = await client.Http.SendAsync(message, ct);
        var (body, isCut) = await Read(await response.Content.ReadAsStreamAsync(ct), ct);
        var duration = time.GetElapsedTime(started);
        var text = Text(body);
        var headers = response.Headers.Concat(response.Content.Headers).SelectMany(h => h.Value.Select(v => new Header(h.Key, v)));
        var callId = request.IsAsync && response.Headers.Location is { } location ? location.OriginalString.Split('/')[^1] : null;
        return new(
            (int)response.StatusCode,
            [.. headers],
            text,
            text is null ? Convert.ToBase64String(body) : null,
            isCut,
            duration,
            callId
        );
    }

    private HttpRequestMessage Message(string deployment, TestRequestInput request)
    {
        var origin = Origin();
        var target = new Uri($"{origin}/predict/{deployment}{request.Path}");
        var message = new HttpRequestMessage(HttpMethod.Parse(request.Method), target);
        if (request.Body is { } body)
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var header in request.Headers ?? [])
        {
            if (!message.Headers.TryAddWithoutValidation(header.Name, header.Value))
                message.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        // Set last: whatever the request names, this one opens the deployment and none is left that does not.
        message.Headers.Remove(KeyCheck.KeyHeader);
        message.Headers.Add(KeyCheck.KeyHeader, credential.Text);
        if (request.IsAsync)
        {
            message.Headers.Remove("X-Async-Request");
            message.Headers.Add("X-Async-Request", "true");
        }

        return message;
    }

    private string Origin() =>
        server
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.First()
            .Replace("[::]", "127.0.0.1")
            .Replace("0.0.0.0", "127.0.0.1")
            .TrimEnd('/');

    private static async Task<(byte[] Body, bool IsCut)> Read(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MostShown + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return (buffer[..Math.Min(length, MostShown)], length > MostShown);
    }

    private static string? Text(byte[] body)
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
