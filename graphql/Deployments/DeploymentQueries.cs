using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Reads deployments.</summary>
[QueryType]
public sealed class DeploymentQueries(IDeploymentStore deployments, IGrainFactory grains, RepeatableCalls calls)
{
    /// <summary>One deployment; null where there is none of that name.</summary>
    /// <param name="name">Its name.</param>
    public async Task<Deployment?> Deployment(string name) =>
        DeploymentName.TryParse(name, out var parsed) && await calls.Make(grains.GetGrain<IDeploymentGrain>(parsed.Value).Get) is { } view
            ? new(view)
            : null;

    /// <summary>Deployments in pages.</summary>
    /// <param name="first">How many behind the cursor <c>after</c>, 1 to 200, default 50.</param>
    /// <param name="after">A cursor: the page begins behind it.</param>
    /// <param name="last">How many in front of the cursor <c>before</c>, 1 to 200.</param>
    /// <param name="before">A cursor: the page ends before it.</param>
    /// <param name="filter">Which ones; all that are not deleted where nothing is said.</param>
    /// <param name="orderBy">The order; by name where nothing is said.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<DeploymentConnection> Deployments(
        int? first,
        string? after,
        int? last,
        string? before,
        DeploymentFilterInput? filter,
        DeploymentOrder? orderBy,
        CancellationToken ct
    )
    {
        var which = new Grains.Deployments.DeploymentFilter(filter?.Search, filter?.Statuses, HasAlerts: filter?.HasAlerts);
        var request = Paging.Request(first, after, last, before);
        var page = await Paging.Load(() => deployments.List(which, orderBy ?? DeploymentOrder.Name, request, ct));
        return new(Paging.Edges(page, item => new Deployment(item)), Paging.Info(page), which);
    }
}
