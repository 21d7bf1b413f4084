namespace DeployCard.Domain.AsyncCalls;

/// <summary>One execution of a call by this activation: it waits for a free slot at a pod and makes one attempt there.</summary>
internal sealed class CallExecution(DateTimeOffset startedAt, CancellationToken stopping) : IDisposable
{
    private readonly CancellationTokenSource abort = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Unique id of this execution, also among the executions of other activations.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public DateTimeOffset StartedAt { get; } = startedAt;

    public CancellationToken Aborted => abort.Token;

    public Task Completion => completion.Task;

    public void Abort() => abort.Cancel();

    public void Dispose()
    {
        abort.Dispose();
        completion.TrySetResult();
    }
}
