using System.Net.Http.Headers;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using Microsoft.Extensions.Options;

namespace DeployCard.Callbacks;

/// <summary>Sends signed callbacks over HTTP, with limits on the duration and on the bytes read from the response.</summary>
internal sealed class CallbackSender(
    CallbackClient client,
    WebhookSecretFactory secrets,
    IOptions<CallbackOptions> options,
    IOptions<CardOptions> card,
    TimeProvider time
) : ICallbackSender
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly ProductInfoHeaderValue Agent = new("DeployCard", null);

    public async Task<DeliveryResult> Send(CallbackMessage message, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = await CreateRequest(message, ended.Token);
            using var response = await client.Http.SendAsync(request, ended.Token);
            // The status decides the result as soon as the headers were received, even if the body never ends.
            var excerpt = await CallbackResponseBody.ReadExcerpt(response.Content, ended.Token);
            cancellationToken.ThrowIfCancellationRequested();
            return DeliveryResult.FromResponse((int)response.StatusCode, excerpt, GetRetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DeliveryResult.Failed($"The receiver did not respond within {options.Value.Timeout.TotalSeconds:0.#} s.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return DeliveryResult.Failed(CallbackFailure.Describe(e));
        }
    }

    private async Task<HttpRequestMessage> CreateRequest(CallbackMessage message, CancellationToken cancellationToken)
    {
        var body = await CallbackPayload.Create(message, card.Value.PublicUrl, cancellationToken);
        var timestamp = WebhookSignature.FormatTimestamp(time.GetUtcNow());
        var valid = message.SecretIds.Select(id => secrets.Derive(message.DeploymentUid, id));
        var request = new HttpRequestMessage(HttpMethod.Post, message.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = Json } },
        };
        request.Headers.UserAgent.Add(Agent);
        request.Headers.Add(WebhookSignature.IdHeader, message.Id);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp);
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(valid, message.Id, timestamp, body));
        return request;
    }

    private TimeSpan? GetRetryAfter(HttpResponseMessage response)
    {
        var requested = response.Headers.RetryAfter is { } value ? value.Delta ?? value.Date - time.GetUtcNow() : null;
        return requested < TimeSpan.Zero ? TimeSpan.Zero : requested;
    }
}
