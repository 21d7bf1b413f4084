using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Silo.Gateway;

/// <summary>The place of an asynchronous call at a pod.</summary>
internal sealed class PodPlace(DeploymentGate gate, PodSlot pod, PodCaller caller) : IPodPlace
{
    private int isGivenBack;

    public string Pod => pod.Pod.Name.Value;

    public Task<PodAnswer> Send(CallId id, int attempt, CallRequest request, TimeSpan limit, CancellationToken cancellationToken) =>
        caller.Send(gate, pod, id, attempt, request, limit, cancellationToken);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isGivenBack, 1) == 0)
            gate.Release(pod);
    }
}
