using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>The way of asynchronous calls to pods: they wait for their turn beside the synchronous requests and wake the deployment as those do.</summary>
public interface IPodCaller
{
    /// <summary>
    /// Waits for a place at a pod. Being full is no reason to give up; that no pod is ready for <paramref name="health"/> is.
    /// Never throws but when it is cancelled.
    /// </summary>
    Task<PodEntry> Enter(DeploymentName deployment, TimeSpan health, CancellationToken cancellationToken);
}

/// <summary>A place at a pod, for one request. Whoever has it gives it back by disposing of it.</summary>
public interface IPodPlace : IDisposable
{
    /// <summary>The pod's name.</summary>
    string Pod { get; }

    /// <summary>
    /// Sends the request. Never throws but when it is cancelled; a body of the answer beyond <see cref="CallBody.MostInline"/> is in the
    /// <see cref="IBodyStore"/> when it returns, as this attempt's own.
    /// </summary>
    Task<PodAnswer> Send(CallId id, int attempt, CallRequest request, TimeSpan limit, CancellationToken cancellationToken);
}

/// <summary>What came of asking for a place.</summary>
/// <param name="Place">The place; null when there is none.</param>
/// <param name="Refusal">Why there is none: a failure that counts as an attempt, or that it was not tried.</param>
public readonly record struct PodEntry(IPodPlace? Place, PodAnswer? Refusal);
