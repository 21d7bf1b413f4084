namespace DeployCard.GraphQL.Engine.DataLoading;

/// <summary>The scheduler of one operation; its execution strategy decides when to dispatch.</summary>
internal sealed class BatchScheduler : IBatchScheduler
{
    private readonly Lock sync = new();
    private List<Func<Task>> pending = [];
    private TaskCompletionSource somethingPending = NewSignal();

    /// <summary>Completes when there is a batch to dispatch.</summary>
    public Task WhenPending
    {
        get
        {
            lock (sync)
                return somethingPending.Task;
        }
    }

    public void Schedule(Func<Task> dispatch)
    {
        lock (sync)
        {
            pending.Add(dispatch);
            somethingPending.TrySetResult();
        }
    }

    /// <summary>Starts every pending batch; false when there was none.</summary>
    public bool Dispatch()
    {
        var batches = TakePending();
        foreach (var dispatch in batches)
            _ = dispatch(); // never fails: those who wait for its keys get its failure
        return batches.Count > 0;
    }

    private List<Func<Task>> TakePending()
    {
        lock (sync)
        {
            if (pending.Count == 0)
                return [];
            var taken = pending;
            pending = [];
            somethingPending = NewSignal();
            return taken;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
