using System.Security.Claims;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Webhooks;

/// <summary>Creates and revokes webhook secrets.</summary>
[MutationType]
public sealed class WebhookSecretMutations(IGrainFactory grains)
{
    /// <summary>Creates a secret that a deployment's callbacks are signed with; two may be valid at once, and then both sign. Its text stands in the payload and is shown never again.</summary>
    /// <param name="deployment">The name of the deployment.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<CreateWebhookSecretPayload> CreateWebhookSecret(string deployment, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (!DeploymentName.TryParse(deployment, out var name))
            return new(
                null,
                null,
                UserErrors.One(
                    "deployment",
                    ErrorCodes.NotFound,
                    $"There is no deployment named '{(deployment.Length > 80 ? deployment[..80] + "…" : deployment)}'."
                )
            );
        var outcome = await grains.GetGrain<IDeploymentGrain>(name.Value).CreateWebhookSecret(caller.Actor(), ct);
        return outcome.Succeeded
            ? new(new WebhookSecret(outcome.Value.Secret, name.Value), outcome.Value.Text, [])
            : new(null, null, UserErrors.Of(outcome.Errors));
    }

    /// <summary>Revokes a webhook secret: no callback is signed with it any more when this returns.</summary>
    /// <param name="id">The secret's id.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<RevokeWebhookSecretPayload> RevokeWebhookSecret([ID] string id, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (
            GlobalId.Parse(WebhookSecret.IdType, id)?.Split('/') is not [var deployment, var secret]
            || !DeploymentName.TryParse(deployment, out var name)
        )
            return new(null, UserErrors.One("id", ErrorCodes.NotFound, "There is no such webhook secret."));
        var outcome = await grains.GetGrain<IDeploymentGrain>(name.Value).RevokeWebhookSecret(secret, caller.Actor(), ct);
        return new(outcome.Succeeded ? new Deployments.Deployment(outcome.Value) : null, UserErrors.Of(outcome.Errors));
    }
}

/// <summary>What came of creating a webhook secret.</summary>
/// <param name="WebhookSecret">The secret, without its text; null when there are errors.</param>
/// <param name="Secret">Its text, <c>whsec_</c> and base64. Keep it: it is shown never again.</param>
/// <param name="Errors">Why there is none; empty when there is one.</param>
public sealed record CreateWebhookSecretPayload(WebhookSecret? WebhookSecret, string? Secret, IReadOnlyList<UserError> Errors);

/// <summary>What came of revoking a webhook secret.</summary>
/// <param name="Deployment">The deployment with those that are left; null when there are errors.</param>
/// <param name="Errors">Why it was not revoked; empty when it was.</param>
public sealed record RevokeWebhookSecretPayload(Deployments.Deployment? Deployment, IReadOnlyList<UserError> Errors);
