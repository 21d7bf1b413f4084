namespace DeployCard.Silo.Gateway;

/// <summary>A request that waits for a pod.</summary>
/// <param name="isAsync">Whether it is an asynchronous call's.</param>
internal sealed class Waiter(bool isAsync)
{
    private readonly TaskCompletionSource<(PodSlot? Pod, GatewayProblem? Why)> outcome = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public bool IsAsync { get; } = isAsync;

    /// <summary>Whether no pod was ready when it began to wait.</summary>
    public bool IsCold { get; set; }

    /// <summary>When a pod was last there that could have had it, or it began to wait: a timestamp of the clock.</summary>
    public long SawPod { get; set; }

    /// <summary>Its place in the queue; null before it has one.</summary>
    public LinkedListNode<Waiter>? Place { get; set; }

    /// <summary>A pod with a place taken, or why there is none.</summary>
    public Task<(PodSlot? Pod, GatewayProblem? Why)> Outcome => outcome.Task;

    public void Admit(PodSlot pod) => outcome.TrySetResult((pod, null));

    public void Refuse(GatewayProblem why) => outcome.TrySetResult((null, why));
}
