namespace DeployCard.GraphQL.Engine.DataLoading;

/// <summary>Collects the pending batches of one operation; the execution strategy decides when to dispatch them.</summary>
internal sealed class BatchScheduler : IBatchScheduler
{
    private readonly Lock sync = new();
    private List<Func<Task>> pending = [];
    private TaskCompletionSource somethingPending = NewSignal();

    /// <summary>Task that completes when a batch is pending.</summary>
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

    /// <summary>Starts all pending batches; returns false if no batch was pending.</summary>
    public bool Dispatch()
    {
        var batches = DequeuePending();
        foreach (var dispatch in batches)
            _ = dispatch(); // never faults: waiting fields receive the failure through their keys
        return batches.Count > 0;
    }

    private List<Func<Task>> DequeuePending()
    {
        lock (sync)
        {
            if (pending.Count == 0)
                return [];
            var batches = pending;
            pending = [];
            somethingPending = NewSignal();
            return batches;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
