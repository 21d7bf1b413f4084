using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Readmes;

namespace DeployCard.Grains.Deployments;

/// <summary>What else there is of a deployment in other grains, and how it goes when the deployment does. Every step can be repeated.</summary>
internal sealed class DeploymentRemains(IGrainFactory grains, IKeyStore keys, IAsyncCallStore calls)
{
    private const int AtOnce = 100;

    public Task WakeQueue(DeploymentName name) => grains.GetGrain<IQueueGrain>(name.Value).Wake();

    /// <summary>Has the queue end every call that has not ended.</summary>
    public Task EndCalls(DeploymentName name) => grains.GetGrain<IQueueGrain>(name.Value).Wake();

    public Task ClearLogs(DeploymentName name, CancellationToken cancellationToken) =>
        grains.GetGrain<ILogGrain>(name.Value).Clear(cancellationToken);

    public async Task RemoveKeys(DeploymentName name, CancellationToken cancellationToken)
    {
        foreach (var key in await keys.List([name], cancellationToken))
            await grains.GetGrain<IKeyGrain>(key.Hash).Remove(cancellationToken);
    }

    /// <summary>Removes all of it.</summary>
    public async Task Remove(DeploymentName name, CancellationToken cancellationToken)
    {
        await RemoveKeys(name, cancellationToken);
        while (await calls.ListAll(name, AtOnce, cancellationToken) is { Count: > 0 } ids)
            await Task.WhenAll(ids.Select(id => grains.GetGrain<IAsyncCallGrain>(id.Value).Remove(cancellationToken)));
        await grains.GetGrain<ILogGrain>(name.Value).Remove(cancellationToken);
        await grains.GetGrain<IReadmeGrain>(name.Value).Remove(cancellationToken);
        await grains.GetGrain<IMonitorGrain>(name.Value).Remove(cancellationToken);
    }
}
