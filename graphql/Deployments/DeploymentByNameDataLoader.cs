using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Asks the deployments of a list for what their catalog does not hold, all at once.</summary>
public sealed class DeploymentByNameDataLoader(IBatchScheduler scheduler, IGrainFactory grains, RepeatableCalls calls)
    : BatchDataLoader<DeploymentName, DeploymentView>(scheduler)
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<DeploymentName, DeploymentView>> LoadBatchAsync(
        IReadOnlyList<DeploymentName> keys,
        CancellationToken cancellationToken
    )
    {
        var views = await Task.WhenAll(
            keys.Select(name => calls.Make(grains.GetGrain<IDeploymentGrain>(name.Value).Get, cancellationToken))
        );
        return views.OfType<DeploymentView>().ToDictionary(view => view.Name);
    }
}
