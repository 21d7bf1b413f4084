using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Gateway;

/// <summary>
/// Slot at a pod that an asynchronous call holds. Disposing it releases the slot; further calls of Dispose have no effect.
/// </summary>
internal sealed class PodLease(DeploymentGate gate, PodDestination pod, PodCaller caller) : IPodLease
{
    private int isReleased;

    public string Pod => pod.Pod.Name.Value;

    public Task<AttemptOutcome> Send(CallId id, int attempt, CallRequest request, TimeSpan limit, CancellationToken cancellationToken) =>
        caller.Send(gate, pod, id, attempt, request, limit, cancellationToken);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isReleased, 1) == 0)
            gate.Release(pod);
    }
}
