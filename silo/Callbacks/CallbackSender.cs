using System.Net.Http.Headers;
using DeployCard.Grains.Callbacks;
using DeployCard.GraphQL;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Callbacks;

/// <summary>Sends callbacks over HTTP: each signed, and bounded in time and in what is read of its answer.</summary>
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

    public async Task<CallbackAnswer> Send(CallbackMessage message, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.Value.Timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var request = await Request(message, ended.Token);
            using var response = await client.Http.SendAsync(request, ended.Token);
            // What the answer says counts from its head on: a body that does not come to its end changes nothing of it.
            var excerpt = await CallbackAnswerBody.Read(response.Content, ended.Token);
            cancellationToken.ThrowIfCancellationRequested();
            return CallbackAnswer.Answered((int)response.StatusCode, excerpt, RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return CallbackAnswer.Failed($"No answer within {options.Value.Timeout.TotalSeconds:0.#} s.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return CallbackAnswer.Failed(CallbackFailure.Sentence(e));
        }
    }

    private async Task<HttpRequestMessage> Request(CallbackMessage message, CancellationToken cancellationToken)
    {
        var body = await CallbackPayload.Of(message, card.Value.PublicUrl, cancellationToken);
        var timestamp = WebhookSignature.Timestamp(time.GetUtcNow());
        var valid = message.SecretIds.Select(id => secrets.Derive(message.DeploymentUid, id));
        var request = new HttpRequestMessage(HttpMethod.Post, message.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = Json } },
        };
        request.Headers.UserAgent.Add(Agent);
        request.Headers.Add(WebhookSignature.IdHeader, message.Id);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp);
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Of(valid, message.Id, timestamp, body));
        return request;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter is { } value ? value.Delta ?? value.Date - time.GetUtcNow() : null;
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }
}
