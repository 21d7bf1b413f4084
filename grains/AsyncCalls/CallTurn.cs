namespace DeployCard.Grains.AsyncCalls;

/// <summary>A call's turn in this activation: it waits for a place at a pod and makes one attempt there.</summary>
internal sealed class CallTurn(DateTimeOffset since, CancellationToken stopping) : IDisposable
{
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tells it from every other one, also of other activations.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public DateTimeOffset Since { get; } = since;

    public CancellationToken Stop => stop.Token;

    public Task Ended => ended.Task;

    public void Abort() => stop.Cancel();

    public void Dispose()
    {
        stop.Dispose();
        ended.TrySetResult();
    }
}
