using DeployCard.Grains.Deployments;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Callbacks;

/// <summary>Takes a silo's callbacks to their receivers, each in its turn and signed with the secrets that are valid just then.</summary>
internal sealed class CallbackCourier(
    IGrainFactory grains,
    ICallbackSender sender,
    CallbackMetrics metrics,
    IOptions<CallbackOptions> options,
    TimeProvider time
)
{
    /// <summary>For what lies between a delivery and the note of it.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly CallbackSlots slots = new(options.Value.MaxConcurrency, options.Value.MaxConcurrencyPerHost, options.Value.MaxQueuedDeliveries, time);

    /// <summary>Within this time a delivery has come to its end; where nothing was heard of it, its silo is gone.</summary>
    public TimeSpan Lease => options.Value.QueueTimeout + options.Value.Timeout + Margin;

    /// <summary>How long after a call's end that is told.</summary>
    public TimeSpan Patience => options.Value.MaxDeliveryAge;

    /// <summary>One delivery. Its secrets are asked for here.</summary>
    public async Task<CallbackTry> Deliver(CallbackMessage message, CancellationToken cancellationToken)
    {
        var host = message.Url.Authority;
        if (!await slots.Enter(host, options.Value.QueueTimeout, cancellationToken))
            return new(
                time.GetUtcNow(),
                TimeSpan.Zero,
                CallbackAnswer.NotTried("Its turn did not come in time: too many deliveries are under way.")
            );
        try
        {
            var (at, started) = (time.GetUtcNow(), time.GetTimestamp());
            var answer = await Send(message, cancellationToken);
            var made = new CallbackTry(at, time.GetElapsedTime(started), answer);
            metrics.Delivered(message.Call.Deployment.Value, made);
            return made;
        }
        finally
        {
            slots.Leave(host);
        }
    }

    /// <summary>Notes that a callback is not tried any more.</summary>
    public void GaveUp(string deployment) => metrics.GivenUp(deployment);

    private async Task<CallbackAnswer> Send(CallbackMessage message, CancellationToken cancellationToken)
    {
        var secrets = await grains.GetGrain<IDeploymentGrain>(message.Call.Deployment.Value).WebhookSecrets();
        return secrets.Count > 0
            ? await sender.Send(message with { SecretIds = [.. secrets.Select(secret => secret.Id)] }, cancellationToken)
            : CallbackAnswer.Failed("The deployment has no webhook secret to sign it with: the mutation createWebhookSecret makes one.");
    }
}
