namespace DeployCard.GraphQL;

/// <summary>
/// One page of a list as Relay describes it. A sealed subclass gives the type its name in the schema:
/// <c>sealed record DeploymentConnection(…) : Connection&lt;Deployment&gt;(…)</c>; its edges are then <c>DeploymentEdge</c>.
/// </summary>
/// <param name="Edges">The nodes with their cursors.</param>
/// <param name="PageInfo">Where the page stands.</param>
public abstract record Connection<T>(IReadOnlyList<Edge<T>> Edges, PageInfo PageInfo) where T : notnull
{
    /// <summary>The nodes alone.</summary>
    public IEnumerable<T> Nodes => Edges.Select(edge => edge.Node);
}
