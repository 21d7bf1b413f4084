namespace DeployCard.GraphQL;

/// <summary>Holds the batches that loaders have collected until no field can go on without them.</summary>
public interface IBatchScheduler
{
    /// <summary>Takes a batch, to be loaded when the operation waits for nothing else. It tells its failure to those who wait for it.</summary>
    /// <param name="dispatch">Loads the batch.</param>
    void Schedule(Func<Task> dispatch);
}
