namespace DeployCard.GraphQL.Webhooks;

/// <summary>
/// A secret that signs a deployment's callbacks (Standard Webhooks). The secret value is returned only once, when the secret is created.
/// </summary>
public sealed class WebhookSecret : INode
{
    internal const string IdType = "WebhookSecret";

    private readonly Contracts.Callbacks.WebhookSecret secret;
    private readonly string deployment;

    internal WebhookSecret(Contracts.Callbacks.WebhookSecret secret, string deployment) =>
        (this.secret, this.deployment) = (secret, deployment);

    /// <summary>Id of the secret for <c>revokeWebhookSecret</c>; not secret.</summary>
    [ID]
    public string Id => GlobalId.Create(IdType, $"{deployment}/{secret.Id}");

    /// <summary>Time when the secret was created.</summary>
    public DateTimeOffset CreatedAt => secret.CreatedAt;

    /// <summary>Name of the user who created the secret.</summary>
    public string CreatedBy => secret.CreatedBy;
}
