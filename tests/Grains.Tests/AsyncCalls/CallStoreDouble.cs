using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>Double of the catalog of calls, which contains the open calls of one deployment.</summary>
internal sealed class CallStoreDouble : IAsyncCallStore
{
    /// <summary>The open calls; each has a body of 10 bytes.</summary>
    public SortedSet<CallId> Open { get; } = new(CallId.OldestFirst);

    /// <summary>Number of queries so far.</summary>
    public int Queries { get; private set; }

    /// <summary>Called before each query.</summary>
    public Action OnQuery { get; set; } = () => { };

    public Task<IReadOnlyList<CallId>> ListOpen(DeploymentName deployment, CallId? after, int limit, CancellationToken cancellationToken) =>
        Query<IReadOnlyList<CallId>>(() => [.. Open.Where(id => after is null || !id.IsNotYoungerThan(after)).Take(limit)]);

    public Task<OpenCalls> CountOpen(DeploymentName deployment, CancellationToken cancellationToken) =>
        Query(() => new OpenCalls(Open.Count, Open.Count * 10));

    public Task<long> CountOpen(DeploymentName deployment, CallId? after, CallId last, CancellationToken cancellationToken) =>
        Query(() => Open.LongCount(id => !id.IsNotYoungerThan(after) && id.IsNotYoungerThan(last)));

    public Task<Page<CallSummary>> List(
        DeploymentName deployment,
        CallFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Query(() =>
        {
            var items = Open.Reverse().Where(id => filter.From is null || id.CreatedAt >= filter.From).Take(page.Limit);
            return new Page<CallSummary>(
                [.. items.Select(id => new PageItem<CallSummary>("", new(id, CallStatus.Queued, null, id.CreatedAt, null)))],
                false,
                false
            );
        });

    public Task<CallId?> FindByIdempotencyKey(DeploymentName deployment, string idempotencyKey, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<CallId>> ListAll(DeploymentName deployment, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<DeploymentName>> ListDeploymentsWithOpen(
        DeploymentName? after,
        int limit,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    private Task<T> Query<T>(Func<T> read)
    {
        OnQuery();
        Queries++;
        return Task.FromResult(read());
    }
}
