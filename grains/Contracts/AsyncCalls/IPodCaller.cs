using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>
/// Gives asynchronous calls access to pods. Calls wait in the same queue as synchronous requests and also start the deployment's first pod.
/// </summary>
public interface IPodCaller
{
    /// <summary>
    /// Waits for a request slot at a pod. The wait is unlimited while all ready pods are full, and fails if no pod is ready for
    /// <paramref name="healthTimeout"/>. Throws only if it is canceled.
    /// </summary>
    Task<PodLeaseResult> Acquire(DeploymentName deployment, TimeSpan healthTimeout, CancellationToken cancellationToken);
}

/// <summary>Lease of a slot at a pod for one request. Disposing it releases the slot.</summary>
public interface IPodLease : IDisposable
{
    /// <summary>Name of the pod.</summary>
    string Pod { get; }

    /// <summary>
    /// Sends the request and returns the outcome of the attempt. Throws only if it is canceled. A response body larger than
    /// <see cref="CallBody.MaxInlineBytes"/> is stored in the <see cref="IBodyStore"/>, under the number of this attempt.
    /// </summary>
    Task<AttemptOutcome> Send(CallId id, int attempt, CallRequest request, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>Result of waiting for a slot at a pod.</summary>
/// <param name="Lease">The lease; null if no slot was acquired.</param>
/// <param name="Rejection">
/// Reason why no slot was acquired: a failure that counts as an attempt, or an outcome without an attempt. Null if there is a lease.
/// </param>
public readonly record struct PodLeaseResult(IPodLease? Lease, AttemptOutcome? Rejection);
