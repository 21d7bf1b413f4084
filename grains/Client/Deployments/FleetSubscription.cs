using System.Runtime.CompilerServices;
using DeployCard.Client.Live;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Storage;

namespace DeployCard.Client.Deployments;

/// <summary>
/// Subscription to the changes of all deployments of the installation. It continues when the grain moves to another silo.
/// </summary>
public sealed class FleetSubscription(IGrainFactory grains, ResumableStream streams, IDeploymentStore deployments)
{
    /// <summary>
    /// Streams a snapshot of the first <paramref name="first"/> deployments that match the filter, then their changes. A new snapshot
    /// follows whenever a change may have been missed.
    /// </summary>
    public async IAsyncEnumerable<FleetUpdate> Subscribe(
        FleetFilter filter,
        int first,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var changes in streams.Read(token => grains.GetGrain<IFleetGrain>(0).Watch(filter, token), cancellationToken))
        {
            // The snapshot is read after the subscription has started, so no change between the two is lost.
            yield return changes.RequiresSnapshot
                ? await ReadSnapshot(filter, first, cancellationToken)
                : new FleetUpdate.Delta(changes.Deployments);
        }
    }

    private async Task<FleetUpdate.Snapshot> ReadSnapshot(FleetFilter filter, int first, CancellationToken cancellationToken) =>
        new(
            await deployments.List(
                new(filter.Search, Names: filter.Names, Labels: filter.Labels),
                DeploymentOrder.Name,
                new(first),
                cancellationToken
            )
        );
}

/// <summary>An item of the subscription to all deployments: a snapshot or changes.</summary>
public abstract record FleetUpdate
{
    private FleetUpdate() { }

    /// <summary>A snapshot of the first matching deployments.</summary>
    public sealed record Snapshot(Page<DeploymentSummary> Page) : FleetUpdate;

    /// <summary>Deployments that have changed, each in its current state.</summary>
    public sealed record Delta(IReadOnlyList<DeploymentView> Deployments) : FleetUpdate;
}
