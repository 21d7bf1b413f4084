using Orleans.Concurrency;

namespace DeployCard.Grains.Deployments;

/// <summary>Tells on what all deployments tell it of their changes: one for the installation. It stores nothing.</summary>
[Alias("fleet")]
public interface IFleetGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a deployment as it is now. What is lost when a silo goes is made good by those who watch: they begin anew.</summary>
    [OneWay]
    Task Changed(DeploymentView deployment);

    /// <summary>What changes from now on; see <see cref="FleetChanges.IsBeginning"/>.</summary>
    IAsyncEnumerable<FleetChanges> Watch(FleetFilter filter, CancellationToken cancellationToken);
}

/// <summary>Deployments that have changed, each as it is now.</summary>
/// <param name="Deployments">The deployments.</param>
/// <param name="IsBeginning">From here on no change is missed, but before it some may have been: look at what there is.</param>
[GenerateSerializer, Alias("fleet-changes"), Immutable]
public sealed record FleetChanges(IReadOnlyList<DeploymentView> Deployments, bool IsBeginning);

/// <summary>Which deployments; all of them where nothing is said.</summary>
/// <param name="Search">A part of the name or the title, without regard to case.</param>
/// <param name="Names">Any of these.</param>
[GenerateSerializer, Alias("fleet-filter"), Immutable]
public sealed record FleetFilter(string? Search = null, IReadOnlyList<string>? Names = null)
{
    internal bool Fits(DeploymentView deployment) =>
        (Names is null || Names.Contains(deployment.Name.Value))
        && (
            string.IsNullOrEmpty(Search)
            || deployment.Name.Value.Contains(Search, StringComparison.OrdinalIgnoreCase)
            || deployment.Title.Contains(Search, StringComparison.OrdinalIgnoreCase)
        );
}
