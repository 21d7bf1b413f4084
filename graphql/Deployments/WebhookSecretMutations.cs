using System.Security.Claims;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.GraphQL.Webhooks;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Mutations that create and revoke webhook secrets.</summary>
[MutationType]
public sealed class WebhookSecretMutations(IGrainFactory grains)
{
    /// <summary>
    /// Creates a secret that signs a deployment's callbacks. Up to two secrets may be valid at the same time; then each callback carries
    /// both signatures. The secret value is in the payload and cannot be retrieved later.
    /// </summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<CreateWebhookSecretPayload> CreateWebhookSecret(string deployment, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (!DeploymentLookup.TryParse(deployment, out var name, out var error))
            return new(null, null, [error]);
        var outcome = await grains.GetGrain<IDeploymentGrain>(name.Value).CreateWebhookSecret(caller.GetActor(), ct);
        return outcome.Succeeded
            ? new(new WebhookSecret(outcome.Value.Secret, name.Value), outcome.Value.Text, [])
            : new(null, null, UserErrors.From(outcome.Errors));
    }

    /// <summary>Revokes a webhook secret. When the mutation returns, callbacks are no longer signed with it.</summary>
    /// <param name="id">Id of the secret.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<RevokeWebhookSecretPayload> RevokeWebhookSecret([ID] string id, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (
            GlobalId.Parse(WebhookSecret.IdType, id)?.Split('/') is not [var deployment, var secret]
            || !DeploymentName.TryParse(deployment, out var name)
        )
            return new(null, UserErrors.Create("id", ErrorCodes.NotFound, "There is no such webhook secret."));
        var outcome = await grains.GetGrain<IDeploymentGrain>(name.Value).RevokeWebhookSecret(secret, caller.GetActor(), ct);
        return new(outcome.Succeeded ? new Deployments.Deployment(outcome.Value) : null, UserErrors.From(outcome.Errors));
    }
}

/// <summary>Result of the mutation <c>createWebhookSecret</c>.</summary>
/// <param name="WebhookSecret">The new secret without its value; null if the mutation failed.</param>
/// <param name="Secret">Secret value, <c>whsec_</c> followed by base64; null if the mutation failed. Store it safely, because it cannot be
/// retrieved later.</param>
/// <param name="Errors">Errors that prevented the creation; empty on success.</param>
public sealed record CreateWebhookSecretPayload(WebhookSecret? WebhookSecret, string? Secret, IReadOnlyList<UserError> Errors);

/// <summary>Result of the mutation <c>revokeWebhookSecret</c>.</summary>
/// <param name="Deployment">The deployment with its remaining secrets; null if the mutation failed.</param>
/// <param name="Errors">Errors that prevented the revocation; empty on success.</param>
public sealed record RevokeWebhookSecretPayload(Deployments.Deployment? Deployment, IReadOnlyList<UserError> Errors);
