using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Names;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Loads the alerts of several deployments with one query.</summary>
public sealed class AlertsByDeploymentDataLoader(IBatchScheduler scheduler, IAlertStore store)
    : BatchDataLoader<DeploymentName, StoredAlerts>(scheduler, 1000)
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyDictionary<DeploymentName, StoredAlerts>> LoadBatchAsync(
        IReadOnlyList<DeploymentName> keys,
        CancellationToken cancellationToken
    ) => store.Read(keys, cancellationToken);
}
