using System.Runtime.CompilerServices;
using DeployCard.Common.Live;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The stream of changed calls of a queue. The invariant: a subscriber that resumes misses no call. Its subscription starts before the
/// missed calls are read, so a change in between arrives after them. A slow subscriber loses the oldest changes beyond
/// <see cref="SubscriberCapacity"/>.
/// </summary>
/// <param name="deployment">Deployment of the queue.</param>
/// <param name="calls">Lists the calls that a subscriber may have missed.</param>
/// <param name="getView">Returns the current state of a call; null if the call does not exist.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts all streams.</param>
internal sealed class CallFeed(
    DeploymentName deployment,
    IAsyncCallStore calls,
    Func<CallId, Task<CallView?>> getView,
    CancellationToken stopping
)
{
    /// <summary>Maximum number of changes that are buffered for each subscriber.</summary>
    public const int SubscriberCapacity = 256;

    private readonly Broadcaster<CallView> broadcaster = new(SubscriberCapacity, stopping);

    /// <summary>Sends a changed call to all subscribers. Never waits.</summary>
    public void Publish(CallView call) => broadcaster.Publish(call);

    /// <summary>Aborts all streams, because the queue deactivates.</summary>
    public void Abort() => broadcaster.Abort();

    /// <inheritdoc cref="IQueueGrain.Watch"/>
    public async IAsyncEnumerable<CallView> Watch(
        CallId? only,
        CallResumePoint? resumeFrom,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var call in broadcaster.Subscribe(Snapshot, cancellationToken))
        {
            if (only is null || call.Id == only)
                yield return call;
        }

        async ValueTask<IEnumerable<CallView>> Snapshot() =>
            only is { } id ? await GetViews([id])
            : resumeFrom is not null ? await GetViews(await ListUnseen(resumeFrom, cancellationToken))
            : [];
    }

    /// <summary>Returns the calls that a subscriber does not know or may have missed, oldest first.</summary>
    private async Task<IReadOnlyList<CallId>> ListUnseen(CallResumePoint gap, CancellationToken cancellationToken)
    {
        IEnumerable<CallId> newest = gap.NewestCount > 0 ? await ListNewest(new(), gap.NewestCount, cancellationToken) : [];
        return
        [
            .. gap
                .OpenIds.Union(newest)
                .Union(await ListNewest(new(From: gap.AcceptedSince), CallResumePoint.MaxCalls, cancellationToken))
                .Order(CallId.OldestFirst),
        ];
    }

    private async Task<IEnumerable<CallId>> ListNewest(CallFilter filter, int limit, CancellationToken cancellationToken) =>
        (await calls.List(deployment, filter, new(limit), cancellationToken)).Items.Select(call => call.Item.Id);

    private async Task<IEnumerable<CallView>> GetViews(IReadOnlyList<CallId> ids) =>
        (await Task.WhenAll(ids.Select(getView))).OfType<CallView>();
}
