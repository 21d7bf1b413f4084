using System.Runtime.CompilerServices;
using DeployCard.Grains.Live;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.Deployments;

/// <summary>Follows the deployments of the installation from silo to silo.</summary>
public sealed class FleetFeed(IGrainFactory grains, ResumedFeed feed, IDeploymentStore deployments)
{
    /// <summary>The first so many deployments, then each change; the first ones again when a change may have been missed.</summary>
    public async IAsyncEnumerable<FleetStep> Follow(
        FleetFilter filter,
        int first,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var changes in feed.Read(token => grains.GetGrain<IFleetGrain>(0).Watch(filter, token), cancellationToken))
        {
            // Looked at only now that changes are heard of: none lies in between.
            yield return changes.IsBeginning ? await Present(filter, first, cancellationToken) : new FleetStep.Changed(changes.Deployments);
        }
    }

    private async Task<FleetStep.Present> Present(FleetFilter filter, int first, CancellationToken cancellationToken) =>
        new(await deployments.List(new(filter.Search, Names: filter.Names), DeploymentOrder.Name, new(first), cancellationToken));
}

/// <summary>What a follower of all deployments is told.</summary>
public abstract record FleetStep
{
    private FleetStep() { }

    /// <summary>What there is.</summary>
    public sealed record Present(Page<DeploymentSummary> Page) : FleetStep;

    /// <summary>What has changed.</summary>
    public sealed record Changed(IReadOnlyList<DeploymentView> Deployments) : FleetStep;
}
