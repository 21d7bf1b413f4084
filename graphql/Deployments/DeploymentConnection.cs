using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>One page of deployments.</summary>
public sealed record DeploymentConnection : Connection<Deployment>
{
    private readonly DeploymentFilter filter;

    internal DeploymentConnection(IReadOnlyList<Edge<Deployment>> edges, PageInfo pageInfo, DeploymentFilter filter)
        : base(edges, pageInfo) => this.filter = filter;

    /// <summary>
    /// Number of deployments that match the filter. Counted only if requested, because counting 100,000 deployments takes longer than
    /// reading the page.
    /// </summary>
    /// <param name="deployments">Catalog that counts the deployments.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<int> TotalCount(IDeploymentStore deployments, CancellationToken ct) => deployments.Count(filter, ct);
}
