namespace DeployCard.GraphQL;

/// <summary>Holds the batches of data loaders until no field of the operation can continue without them.</summary>
public interface IBatchScheduler
{
    /// <summary>
    /// Schedules a batch to be loaded when the operation waits for nothing else. The batch itself reports a failure to the fields that wait
    /// for its keys.
    /// </summary>
    /// <param name="dispatch">Delegate that loads the batch.</param>
    void Schedule(Func<Task> dispatch);
}
