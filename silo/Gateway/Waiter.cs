using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>Request that waits for a slot at a pod.</summary>
/// <param name="isAsync">Whether the request belongs to an asynchronous call.</param>
internal sealed class Waiter(bool isAsync)
{
    private readonly TaskCompletionSource<(PodDestination? Pod, GatewayProblem? Problem)> outcome = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public bool IsAsync { get; } = isAsync;

    /// <summary>Whether the deployment had no ready pod when the wait began.</summary>
    public bool IsCold { get; set; }

    /// <summary>Timestamp at which a reachable pod was last seen; initially the start of the wait.</summary>
    public long LastPodSeenAt { get; set; }

    /// <summary>Node of the waiter in the queue; null until the waiter is enqueued.</summary>
    public LinkedListNode<Waiter>? Node { get; set; }

    /// <summary>Result of the wait: a pod at which a slot is held, or the problem to respond with.</summary>
    public Task<(PodDestination? Pod, GatewayProblem? Problem)> Outcome => outcome.Task;

    /// <summary>Ends the wait with a pod.</summary>
    public void Admit(PodDestination pod) => outcome.TrySetResult((pod, null));

    /// <summary>Ends the wait with a problem.</summary>
    public void Reject(GatewayProblem problem) => outcome.TrySetResult((null, problem));
}
