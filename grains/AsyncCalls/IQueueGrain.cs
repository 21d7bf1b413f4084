using DeployCard.Grains.Routing;
using Orleans.Concurrency;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>The asynchronous calls of one deployment, by its name: how many there may be, their order, and how many run at once.</summary>
[Alias("queue")]
public interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>
    /// Reserves a place for a call that is about to be accepted. Who then does not accept it gives the place back. Null when there was one;
    /// else why not.
    /// </summary>
    /// <param name="bytes">The length of its request's body.</param>
    /// <param name="limits">The bounds; null for those of the deployment as the queue knows them.</param>
    [AlwaysInterleave]
    Task<QueueRefusal?> Admit(long bytes, RouteLimits? limits);

    /// <summary>Gives a place back: of a call that was not accepted after all, or has ended.</summary>
    [OneWay]
    Task GiveBack(long bytes);

    /// <summary>Takes a call that was accepted. Where this is lost, the call is found again in storage.</summary>
    [OneWay]
    Task Enqueue(CallView call);

    /// <summary>Tells those who watch that a call has changed.</summary>
    [OneWay]
    Task Changed(CallView call);

    /// <summary>
    /// Finds the calls that have not ended in storage and sees to them; ends them where the deployment was deleted. Nobody waits for it:
    /// it asks the deployment for its route, which may just be the one who woke it.
    /// </summary>
    [OneWay]
    Task Wake();

    /// <summary>What calls that have not ended wait for.</summary>
    [AlwaysInterleave]
    Task<QueueSituation> Explain(IReadOnlyList<CallId> ids);

    /// <summary>
    /// Each change of the deployment's calls from now on; of one call only, and that at once as it is, where <paramref name="only"/> names it.
    /// <see cref="CallFeed"/> reads it across silos.
    /// </summary>
    /// <param name="only">Only this call.</param>
    /// <param name="gap">What the reader does not know, or may have missed. That is given first, as it is now, oldest first.</param>
    /// <param name="cancellationToken">The reader's.</param>
    IAsyncEnumerable<CallView> Watch(CallId? only, CallGap? gap, CancellationToken cancellationToken);
}
