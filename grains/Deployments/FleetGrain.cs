using System.Runtime.CompilerServices;
using DeployCard.Grains.Live;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Grains.Deployments;

/// <inheritdoc cref="IFleetGrain"/>
internal sealed class FleetGrain(IHostApplicationLifetime lifetime) : Grain, IFleetGrain
{
    /// <summary>Deployments that may change between two looks of a slow watcher before it begins anew.</summary>
    public const int FeedCapacity = 256;

    private readonly LatestFeed<string, DeploymentView> feed = new(FeedCapacity, lifetime.ApplicationStopping);

    public Task Changed(DeploymentView deployment)
    {
        feed.Publish(deployment.Name.Value, deployment);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<FleetChanges> Watch(FleetFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var changed in feed.Watch(filter.Fits, cancellationToken))
            yield return new([.. changed ?? []], changed is null);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        feed.BreakOff();
        return Task.CompletedTask;
    }
}
