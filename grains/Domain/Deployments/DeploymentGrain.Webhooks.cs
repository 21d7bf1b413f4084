using System.Security.Cryptography;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Results;

namespace DeployCard.Domain.Deployments;

internal sealed partial class DeploymentGrain
{
    private const int WebhookSecretIdLength = 16;

    public async Task<Outcome<NewWebhookSecret>> CreateWebhookSecret(string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        if (State.WebhookSecrets.Count >= WebhookSecret.MaxPerDeployment)
            return new FieldError(
                "",
                ErrorCodes.LimitReached,
                $"A deployment can have at most {WebhookSecret.MaxPerDeployment} webhook secrets; revoke one first."
            );
        var secret = new WebhookSecret(RandomNumberGenerator.GetHexString(WebhookSecretIdLength, lowercase: true), time.GetUtcNow(), actor);
        BeginUpdate().WebhookSecrets.Add(secret);
        await Commit(EventKind.WebhookSecretCreated, $"Webhook secret {secret.Id} was created.", actor, cancellationToken);
        return new NewWebhookSecret(secret, webhookSecrets.DeriveText(State.Uid, secret.Id));
    }

    public async Task<Outcome<DeploymentView>> RevokeWebhookSecret(string id, string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        if (!State.WebhookSecrets.Exists(secret => secret.Id == id))
            return new FieldError("id", ErrorCodes.NotFound, $"Deployment '{Name}' has no webhook secret with this id.");
        BeginUpdate().WebhookSecrets.RemoveAll(secret => secret.Id == id);
        return await Commit(EventKind.WebhookSecretRevoked, $"Webhook secret {id} was revoked.", actor, cancellationToken);
    }

    public Task<IReadOnlyList<WebhookSecret>> GetWebhookSecrets() =>
        Task.FromResult<IReadOnlyList<WebhookSecret>>([.. State.WebhookSecrets]);
}
