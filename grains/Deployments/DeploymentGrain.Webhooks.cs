using System.Security.Cryptography;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Results;

namespace DeployCard.Grains.Deployments;

internal sealed partial class DeploymentGrain
{
    private const int WebhookSecretIdLength = 16;

    public async Task<Outcome<NewWebhookSecret>> CreateWebhookSecret(string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        if (State.WebhookSecrets.Count >= WebhookSecret.Most)
            return new FieldError(
                "",
                ErrorCodes.LimitReached,
                $"A deployment has at most {WebhookSecret.Most} webhook secrets: revoke one first."
            );
        var secret = new WebhookSecret(RandomNumberGenerator.GetHexString(WebhookSecretIdLength, lowercase: true), time.GetUtcNow(), actor);
        BeginChange().WebhookSecrets.Add(secret);
        await Commit(EventKind.WebhookSecretCreated, $"Webhook secret {secret.Id} was created.", actor, cancellationToken);
        return new NewWebhookSecret(secret, webhookSecrets.Text(State.Uid, secret.Id));
    }

    public async Task<Outcome<DeploymentView>> RevokeWebhookSecret(string id, string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        if (!State.WebhookSecrets.Exists(secret => secret.Id == id))
            return new FieldError("id", ErrorCodes.NotFound, "There is no such webhook secret.");
        BeginChange().WebhookSecrets.RemoveAll(secret => secret.Id == id);
        return await Commit(EventKind.WebhookSecretRevoked, $"Webhook secret {id} was revoked.", actor, cancellationToken);
    }

    public Task<IReadOnlyList<WebhookSecret>> WebhookSecrets() => Task.FromResult<IReadOnlyList<WebhookSecret>>([.. State.WebhookSecrets]);
}
