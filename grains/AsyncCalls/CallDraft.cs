using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>A call to be accepted.</summary>
/// <param name="Deployment">The deployment that it is for.</param>
/// <param name="DeploymentUid">Which of the deployments of that name.</param>
/// <param name="Request">The request; a body beyond <see cref="CallBody.MostInline"/> is in the <see cref="IBodyStore"/> already.</param>
/// <param name="Limits">Its time limits.</param>
public sealed record CallDraft(DeploymentName Deployment, Guid DeploymentUid, CallRequest Request, CallLimits Limits)
{
    /// <summary>Where its end is told; null for nowhere.</summary>
    public Uri? Callback { get; init; }

    /// <summary>The caller's name for the request, unique among the calls of the deployment; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The hash of the request that came with that name.</summary>
    public string? Fingerprint { get; init; }
}
