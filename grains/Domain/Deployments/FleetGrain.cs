using System.Runtime.CompilerServices;
using DeployCard.Common.Live;
using DeployCard.Contracts.Deployments;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Domain.Deployments;

/// <inheritdoc cref="IFleetGrain"/>
internal sealed class FleetGrain(IHostApplicationLifetime lifetime) : Grain, IFleetGrain
{
    /// <summary>
    /// Maximum number of changed deployments that are buffered for a slow subscriber. Beyond it, the subscriber gets a new snapshot.
    /// </summary>
    public const int BufferCapacity = 256;

    private readonly KeyedBroadcaster<string, DeploymentView> broadcaster = new(BufferCapacity, lifetime.ApplicationStopping);

    public Task OnDeploymentChanged(DeploymentView deployment)
    {
        broadcaster.Publish(deployment.Name.Value, deployment);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<FleetChanges> Watch(FleetFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var changed in broadcaster.Subscribe(filter.Matches, cancellationToken))
            yield return new([.. changed ?? []], changed is null);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        broadcaster.Abort();
        return Task.CompletedTask;
    }
}
