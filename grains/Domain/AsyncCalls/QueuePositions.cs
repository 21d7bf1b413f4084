using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The status of a queue with the positions of its calls. It is cached for <see cref="CacheDuration"/>, because computing the positions
/// enumerates the whole window. The invariant: positions have no gap between the window and storage. Calls that the cached order covers
/// have their position in it, and younger calls are counted in storage from its end.
/// </summary>
/// <param name="deployment">Deployment of the queue.</param>
/// <param name="window">Order of the calls in memory.</param>
/// <param name="calls">Counts the calls that are only in storage.</param>
/// <param name="route">Route of the deployment.</param>
/// <param name="getDeployment">Requests the view of the deployment; null if it does not exist.</param>
/// <param name="time">The clock for the age of the cached status.</param>
internal sealed class QueuePositions(
    DeploymentName deployment,
    CallWindow window,
    IAsyncCallStore calls,
    CachedRoute route,
    Func<Task<DeploymentView?>> getDeployment,
    TimeProvider time
)
{
    /// <summary>Time for which the status of the queue is cached.</summary>
    public static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(1);

    // The cached status, with the youngest call of the window at that time.
    private (QueueStatus Status, CallId? Last, DateTimeOffset At)? cached;

    /// <summary>Returns the status with the positions of the given calls.</summary>
    public async Task<QueueStatus> GetStatus(IReadOnlyList<CallId> ids)
    {
        if (cached is not { } known || time.GetUtcNow() - known.At >= CacheDuration)
        {
            var last = window.Youngest;
            cached = known = (await ComputeStatus(), last, time.GetUtcNow());
        }

        return known.Status with
        {
            Positions = await GetPositions(known.Status.Positions, known.Last, [.. ids.Distinct()]),
        };
    }

    private async Task<QueueStatus> ComputeStatus()
    {
        // The positions are read first. Otherwise a call could be listed as waiting although a pod got it in the meantime.
        var positions = window.GetPending().Index().ToDictionary(entry => entry.Item, entry => entry.Index + 1L);
        var current = await route.Refresh();
        var view = await getDeployment();
        return new()
        {
            State = current.State,
            ReadyPods = current.Pods.Count,
            StartingPods = view?.Pods.Count(pod => pod.Phase is PodPhase.Starting) ?? 0,
            Failure = current.Failure,
            RetryAt = current.RetryAt,
            Positions = positions,
        };
    }

    /// <summary>
    /// Returns the positions of calls. Calls up to <paramref name="last"/> are looked up in the cached order; younger calls are counted in
    /// storage.
    /// </summary>
    private async Task<Dictionary<CallId, long>> GetPositions(
        IReadOnlyDictionary<CallId, long> order,
        CallId? last,
        IReadOnlyList<CallId> ids
    )
    {
        var positions = ids.Where(order.ContainsKey).ToDictionary(id => id, id => order[id]);
        var ahead = (long)order.Count;
        // Calls beyond the cached order are counted in storage, each from the previous one.
        foreach (var id in ids.Where(id => !id.IsNotYoungerThan(last)).Order(CallId.OldestFirst))
        {
            ahead += await calls.CountOpen(deployment, last, id, CancellationToken.None);
            (positions[id], last) = (ahead, id);
        }

        return positions;
    }
}
