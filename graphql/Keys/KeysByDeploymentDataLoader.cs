using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;

namespace DeployCard.GraphQL.Keys;

/// <summary>Loads the keys of several deployments with one query.</summary>
public sealed class KeysByDeploymentDataLoader(IBatchScheduler scheduler, IKeyStore store)
    : BatchDataLoader<DeploymentName, IReadOnlyList<KeySummary>>(scheduler, 1000)
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<DeploymentName, IReadOnlyList<KeySummary>>> LoadBatchAsync(
        IReadOnlyList<DeploymentName> keys,
        CancellationToken cancellationToken
    ) =>
        (await store.List(keys, cancellationToken))
            .GroupBy(key => key.Deployment)
            .ToDictionary(of => of.Key, of => (IReadOnlyList<KeySummary>)[.. of]);
}
