using System.ComponentModel;

namespace DeployCard.GraphQL;

/// <summary>
/// One page of a list as Relay describes it. A sealed subclass gives the type its name in the schema:
/// <c>sealed record DeploymentConnection(…) : Connection&lt;Deployment&gt;(…)</c>; its edges are then <c>DeploymentEdge</c>.
/// </summary>
/// <param name="Edges">The nodes with their cursors.</param>
/// <param name="PageInfo">Where the page stands.</param>
// The library finds no XML docs of generic types: what frontends read stands in the attributes.
public abstract record Connection<T>(
    [property: Description("The nodes with their cursors.")] IReadOnlyList<Edge<T>> Edges,
    [property: Description("Where the page stands.")] PageInfo PageInfo
)
    where T : notnull
{
    /// <summary>The nodes alone.</summary>
    [Description("The nodes alone.")]
    public IEnumerable<T> Nodes => Edges.Select(edge => edge.Node);
}
