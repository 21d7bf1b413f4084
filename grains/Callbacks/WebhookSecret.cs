namespace DeployCard.Grains.Callbacks;

/// <summary>A secret that a deployment's callbacks are signed with; its text is not among this, and is stored nowhere.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="CreatedBy">Who created it.</param>
[GenerateSerializer, Alias("webhook-secret"), Immutable]
public sealed record WebhookSecret(
    [property: Id(0)] string Id,
    [property: Id(1)] DateTimeOffset CreatedAt,
    [property: Id(2)] string CreatedBy
)
{
    /// <summary>How many of a deployment are valid at once: the present one, and the next one while receivers change over.</summary>
    public const int Most = 2;
}

/// <summary>A secret that was just created, with its text, which is shown this once.</summary>
/// <param name="Secret">The secret.</param>
/// <param name="Text">Its text: <c>whsec_</c> and 32 bytes as base64.</param>
[GenerateSerializer, Alias("new-webhook-secret"), Immutable]
public sealed record NewWebhookSecret([property: Id(0)] WebhookSecret Secret, [property: Id(1)] string Text)
{
    /// <summary>Tells all but the text, which no log may get.</summary>
    public override string ToString() => $"new {Secret}";
}
