using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Readmes;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Data of a deployment in other grains, and its removal when the deployment is deleted or purged. Every operation is idempotent.
/// </summary>
internal sealed class DeploymentCleanup(IGrainFactory grains, IKeyStore keys, IAsyncCallStore calls)
{
    private const int BatchSize = 100;

    public Task WakeQueue(DeploymentName name) => grains.GetGrain<IQueueGrain>(name.Value).Wake();

    /// <summary>Wakes the queue, which ends all calls of a deleted deployment that have not ended.</summary>
    public Task EndCalls(DeploymentName name) => grains.GetGrain<IQueueGrain>(name.Value).Wake();

    public Task ClearLogs(DeploymentName name, CancellationToken cancellationToken) =>
        grains.GetGrain<ILogGrain>(name.Value).Clear(cancellationToken);

    public async Task RemoveKeys(DeploymentName name, CancellationToken cancellationToken)
    {
        foreach (var key in await keys.List([name], cancellationToken))
            await grains.GetGrain<IKeyGrain>(key.Hash).Remove(cancellationToken);
    }

    /// <summary>Removes the keys, calls, log, readme and monitoring data of the deployment.</summary>
    public async Task RemoveAll(DeploymentName name, CancellationToken cancellationToken)
    {
        await RemoveKeys(name, cancellationToken);
        while (await calls.ListAll(name, BatchSize, cancellationToken) is { Count: > 0 } ids)
            await Task.WhenAll(ids.Select(id => grains.GetGrain<IAsyncCallGrain>(id.Value).Remove(cancellationToken)));
        await grains.GetGrain<ILogGrain>(name.Value).Remove(cancellationToken);
        await grains.GetGrain<IReadmeGrain>(name.Value).Remove(cancellationToken);
        await grains.GetGrain<IMonitorGrain>(name.Value).Remove(cancellationToken);
    }
}
