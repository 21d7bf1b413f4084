using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>A request that is about to be accepted as an asynchronous call.</summary>
/// <param name="Deployment">Name of the deployment that executes the call.</param>
/// <param name="DeploymentUid">
/// Unique id of the deployment. A deployment that reuses the name of a deleted deployment has a different id.
/// </param>
/// <param name="Request">
/// The request. A body larger than <see cref="CallBody.MaxInlineBytes"/> is already in the <see cref="IBodyStore"/>.
/// </param>
/// <param name="Limits">The time limits of the call.</param>
public sealed record CallDraft(DeploymentName Deployment, Guid DeploymentUid, CallRequest Request, CallLimits Limits)
{
    /// <summary>URL that gets a callback when the call ends; null if the caller requested none.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary>
    /// Value of <c>Idempotency-Key</c>, unique among the calls of the deployment; null if the request had no such header.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// Hash of the request, which a repetition with the same <see cref="IdempotencyKey"/> must match; null if the request had no key.
    /// </summary>
    public string? Fingerprint { get; init; }
}
