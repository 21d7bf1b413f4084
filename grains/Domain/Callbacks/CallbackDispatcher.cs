using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Callbacks;

/// <summary>
/// Delivers the callbacks of this silo, within the concurrency limits and signed with the secrets that are valid at that time.
/// </summary>
internal sealed class CallbackDispatcher(
    IGrainFactory grains,
    ICallbackSender sender,
    CallbackMetrics metrics,
    IOptions<CallbackOptions> options,
    TimeProvider time
)
{
    /// <summary>Time allowed for storing the result of a delivery.</summary>
    private static readonly TimeSpan StorageMargin = TimeSpan.FromSeconds(5);

    private readonly DeliveryLimiter limiter = new(
        options.Value.MaxConcurrency,
        options.Value.MaxConcurrencyPerHost,
        options.Value.MaxQueuedDeliveries,
        time
    );

    /// <summary>
    /// Maximum time from the start of a delivery until its result is stored. If there is no result by then, its silo was lost.
    /// </summary>
    public TimeSpan LeaseDuration => options.Value.QueueTimeout + options.Value.Timeout + StorageMargin;

    /// <summary>Maximum time after the end of a call during which its callback is delivered.</summary>
    public TimeSpan MaxDeliveryAge => options.Value.MaxDeliveryAge;

    /// <summary>Makes one delivery, after it got the ids of the valid secrets from the deployment.</summary>
    public async Task<DeliveryAttempt> Deliver(CallbackMessage message, CancellationToken cancellationToken)
    {
        var host = message.Url.Authority;
        if (!await limiter.TryAcquire(host, options.Value.QueueTimeout, cancellationToken))
            return new(
                time.GetUtcNow(),
                TimeSpan.Zero,
                DeliveryResult.NotAttempted("The delivery got no slot in time: too many deliveries are in progress.")
            );
        try
        {
            var (at, started) = (time.GetUtcNow(), time.GetTimestamp());
            var result = await Send(message, cancellationToken);
            var attempt = new DeliveryAttempt(at, time.GetElapsedTime(started), result);
            metrics.RecordDelivery(message.Call.Deployment.Value, attempt);
            return attempt;
        }
        finally
        {
            limiter.Release(host);
        }
    }

    /// <summary>Counts a callback that is abandoned.</summary>
    public void RecordAbandoned(string deployment) => metrics.RecordAbandoned(deployment);

    private async Task<DeliveryResult> Send(CallbackMessage message, CancellationToken cancellationToken)
    {
        var secrets = await grains.GetGrain<IDeploymentGrain>(message.Call.Deployment.Value).GetWebhookSecrets();
        return secrets.Count > 0
            ? await sender.Send(message with { SecretIds = [.. secrets.Select(secret => secret.Id)] }, cancellationToken)
            : DeliveryResult.Failed("The deployment has no webhook secret: create one with the mutation createWebhookSecret.");
    }
}
