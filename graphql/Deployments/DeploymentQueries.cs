using DeployCard.Client.Cluster;
using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Queries that read deployments.</summary>
[QueryType]
public sealed class DeploymentQueries(IDeploymentStore deployments, IGrainFactory grains, GrainRetry retry)
{
    /// <summary>Returns one deployment; null if there is no deployment of that name.</summary>
    /// <param name="name">Name of the deployment.</param>
    public async Task<Deployment?> Deployment(string name) =>
        await retry.FindAny(grains, name, CancellationToken.None) is { } view ? new(view) : null;

    /// <summary>Returns one page of deployments.</summary>
    /// <param name="first">Page size when paging forward, 1 to 200, default 50.</param>
    /// <param name="after">Cursor after which the page starts; null starts at the first item.</param>
    /// <param name="last">Page size when paging backward, 1 to 200, default 50.</param>
    /// <param name="before">Cursor before which the page ends; null ends at the last item.</param>
    /// <param name="filter">Filter for the deployments; null lists all that are not deleted.</param>
    /// <param name="orderBy">Order of the list; null orders by name.</param>
    /// <param name="ct">Token that cancels the operation.</param>
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
        var which = new Contracts.Deployments.DeploymentFilter(
            filter?.Search,
            filter?.Statuses,
            HasAlerts: filter?.HasAlerts,
            Labels: filter?.Labels
        );
        var request = Paging.CreateRequest(first, after, last, before);
        var page = await Paging.Load(() => deployments.List(which, orderBy ?? DeploymentOrder.Name, request, ct));
        return new(Paging.CreateEdges(page, item => new Deployment(item)), Paging.CreatePageInfo(page), which);
    }
}
