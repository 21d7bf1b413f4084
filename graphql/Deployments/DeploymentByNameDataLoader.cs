using DeployCard.Client.Cluster;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Loads the details of several deployments concurrently from their grains; the catalog holds only summaries.</summary>
public sealed class DeploymentByNameDataLoader(IBatchScheduler scheduler, IGrainFactory grains, GrainRetry retry)
    : BatchDataLoader<DeploymentName, DeploymentView>(scheduler)
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<DeploymentName, DeploymentView>> LoadBatchAsync(
        IReadOnlyList<DeploymentName> keys,
        CancellationToken cancellationToken
    )
    {
        var views = await Task.WhenAll(
            keys.Select(name => retry.Execute(grains.GetGrain<IDeploymentGrain>(name.Value).Get, cancellationToken))
        );
        return views.OfType<DeploymentView>().ToDictionary(view => view.Name);
    }
}
