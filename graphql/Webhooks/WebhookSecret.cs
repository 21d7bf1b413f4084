using DeployCard.GraphQL.Nodes;

namespace DeployCard.GraphQL.Webhooks;

/// <summary>A secret that a deployment's callbacks are signed with (Standard Webhooks). Its text is shown once, when it is created.</summary>
public sealed class WebhookSecret : INode
{
    internal const string IdType = "WebhookSecret";

    private readonly Grains.Callbacks.WebhookSecret secret;
    private readonly string deployment;

    internal WebhookSecret(Grains.Callbacks.WebhookSecret secret, string deployment) =>
        (this.secret, this.deployment) = (secret, deployment);

    /// <summary>Its id, which is no secret; <c>revokeWebhookSecret</c> takes it.</summary>
    [ID]
    public string Id => GlobalId.Of(IdType, $"{deployment}/{secret.Id}");

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt => secret.CreatedAt;

    /// <summary>Who created it.</summary>
    public string CreatedBy => secret.CreatedBy;
}
