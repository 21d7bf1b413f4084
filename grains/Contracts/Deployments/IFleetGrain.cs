using Orleans.Concurrency;

namespace DeployCard.Contracts.Deployments;

/// <summary>Forwards the changes of all deployments to subscribers; there is one grain per installation. It stores nothing.</summary>
[Alias("fleet")]
public interface IFleetGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Publishes the current state of a deployment. Changes that are lost when the grain's silo stops need no recovery: subscribers start
    /// over with a snapshot.
    /// </summary>
    [OneWay]
    Task OnDeploymentChanged(DeploymentView deployment);

    /// <summary>Streams the changes from now on; see <see cref="FleetChanges.RequiresSnapshot"/>.</summary>
    IAsyncEnumerable<FleetChanges> Watch(FleetFilter filter, CancellationToken cancellationToken);
}

/// <summary>Deployments that have changed.</summary>
/// <param name="Deployments">The changed deployments in their current state.</param>
/// <param name="RequiresSnapshot">
/// Whether changes before this item may have been missed. The subscriber must then read a snapshot; no change after this item is missed.
/// </param>
[GenerateSerializer, Alias("fleet-changes"), Immutable]
public sealed record FleetChanges(IReadOnlyList<DeploymentView> Deployments, bool RequiresSnapshot);

/// <summary>Filter for deployments; a filter without conditions matches all deployments.</summary>
/// <param name="Search">Text that the name or the title contains, ignoring case; null or empty matches all.</param>
/// <param name="Names">Names to match; null matches all.</param>
/// <param name="Labels">Labels that a deployment must have; null matches all.</param>
[GenerateSerializer, Alias("fleet-filter"), Immutable]
public sealed record FleetFilter(string? Search = null, IReadOnlyList<string>? Names = null, IReadOnlyList<LabelFilter>? Labels = null)
{
    /// <summary>Whether a deployment meets every condition of the filter.</summary>
    public bool Matches(DeploymentView deployment) =>
        (Names is null || Names.Contains(deployment.Name.Value))
        && (Labels is null || Labels.All(wanted => HasLabel(deployment, wanted)))
        && (
            string.IsNullOrEmpty(Search)
            || deployment.Name.Value.Contains(Search, StringComparison.OrdinalIgnoreCase)
            || deployment.Title.Contains(Search, StringComparison.OrdinalIgnoreCase)
        );

    private static bool HasLabel(DeploymentView deployment, LabelFilter wanted) =>
        deployment.Current.Configuration.Labels.Any(label =>
            label.Key == wanted.Key && (wanted.Value is null || label.Value == wanted.Value)
        );
}
