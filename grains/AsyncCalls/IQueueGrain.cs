using Orleans.Concurrency;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>The asynchronous calls of one deployment, by its name: their order, and how many run at once.</summary>
[Alias("queue")]
public interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>Takes a call that was accepted. Where this is lost, the call is found again in storage.</summary>
    [OneWay]
    Task Enqueue(CallId id);

    /// <summary>Tells those who watch that a call has changed.</summary>
    [OneWay]
    Task Changed(CallView call);

    /// <summary>
    /// Finds the calls that have not ended in storage and sees to them; ends them where the deployment was deleted. Nobody waits for it:
    /// it asks the deployment for its route, which may just be the one who woke it.
    /// </summary>
    [OneWay]
    Task Wake();

    /// <summary>Each change of the deployment's calls from now on; of one call only, and that at once as it is, where <paramref name="only"/> names it.</summary>
    IAsyncEnumerable<CallView> Watch(CallId? only, CancellationToken cancellationToken);
}
