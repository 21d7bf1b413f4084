namespace DeployCard.Contracts.Callbacks;

/// <summary>
/// A secret that signs the callbacks of a deployment. This record does not contain the secret value, which is never stored.
/// </summary>
/// <param name="Id">Id of the secret, which is not confidential.</param>
/// <param name="CreatedAt">Time when the secret was created, UTC.</param>
/// <param name="CreatedBy">Name of the user who created the secret.</param>
[GenerateSerializer, Alias("webhook-secret"), Immutable]
public sealed record WebhookSecret(
    [property: Id(0)] string Id,
    [property: Id(1)] DateTimeOffset CreatedAt,
    [property: Id(2)] string CreatedBy
)
{
    /// <summary>Maximum number of valid secrets of a deployment: the current secret, and the next secret during a rotation.</summary>
    public const int MaxPerDeployment = 2;
}

/// <summary>A secret that was just created, with its value, which is shown only once.</summary>
/// <param name="Secret">The created secret without its value.</param>
/// <param name="Text">The secret value: <c>whsec_</c> and 32 bytes as base64.</param>
[GenerateSerializer, Alias("new-webhook-secret"), Immutable]
public sealed record NewWebhookSecret([property: Id(0)] WebhookSecret Secret, [property: Id(1)] string Text)
{
    /// <summary>Returns a description without the secret value, which must not be logged.</summary>
    public override string ToString() => $"new {Secret}";
}
