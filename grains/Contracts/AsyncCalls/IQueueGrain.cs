using DeployCard.Contracts.Configuration;
using Orleans.Concurrency;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>
/// The queue of a deployment's asynchronous calls, keyed by the deployment's name. The queue limits the number of calls, decides their
/// order and limits their concurrency.
/// </summary>
[Alias("queue")]
public interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>
    /// Reserves capacity for a call that is about to be accepted. If the call is not accepted afterwards, the caller must release the
    /// capacity with <see cref="Release"/>. Returns null if the call is admitted, otherwise the limit that was reached.
    /// </summary>
    /// <param name="bytes">Length of the request body in bytes.</param>
    /// <param name="limits">Limits to apply; null uses the deployment's current limits.</param>
    [AlwaysInterleave]
    Task<QueueFull?> Admit(long bytes, DeploymentConfiguration? limits);

    /// <summary>Releases the capacity of a call that was not accepted or has ended.</summary>
    [OneWay]
    Task Release(long bytes);

    /// <summary>Enqueues an accepted call. If this message is lost, <see cref="Wake"/> finds the call in storage.</summary>
    [OneWay]
    Task Enqueue(CallView call);

    /// <summary>Publishes a changed call to all subscribers.</summary>
    [OneWay]
    Task PublishChange(CallView call);

    /// <summary>
    /// Finds open calls in storage and executes them, or ends them if the deployment was deleted. The method is one-way to avoid a
    /// deadlock: the queue requests the route from the deployment's grain, which may be the caller.
    /// </summary>
    [OneWay]
    Task Wake();

    /// <summary>Returns the status of the queue with the positions of the given calls. The status may be up to 1 s old.</summary>
    [AlwaysInterleave]
    Task<QueueStatus> GetStatus(IReadOnlyList<CallId> ids);

    /// <summary>
    /// Streams each changed call of the deployment from now on. If <paramref name="only"/> is given, streams the current state of that call
    /// and its changes. <c>CallSubscriptions</c> resumes the stream when the queue moves to another silo.
    /// </summary>
    /// <param name="only">Restricts the stream to this call; null for all calls.</param>
    /// <param name="resumeFrom">
    /// Position from which to resume. Calls that the subscriber does not know or may have missed are sent first, oldest first, in their
    /// current state. Null sends only future changes.
    /// </param>
    /// <param name="cancellationToken">Ends the subscription when canceled.</param>
    IAsyncEnumerable<CallView> Watch(CallId? only, CallResumePoint? resumeFrom, CancellationToken cancellationToken);
}
