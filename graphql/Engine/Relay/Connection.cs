using System.ComponentModel;

namespace DeployCard.GraphQL;

/// <summary>
/// One page of a list, as specified by Relay. A sealed subclass gives the type its schema name. Example:
/// <c>sealed record DeploymentConnection(…) : Connection&lt;Deployment&gt;(…)</c>. The type of its edges is then <c>DeploymentEdge</c>.
/// </summary>
/// <param name="Edges">Items of the page with their cursors.</param>
/// <param name="PageInfo">Position of the page within the list.</param>
// The library does not find XML docs of generic types, so the attributes provide the schema's descriptions.
public abstract record Connection<T>(
    [property: Description("Items of the page with their cursors.")] IReadOnlyList<Edge<T>> Edges,
    [property: Description("Position of the page within the list.")] PageInfo PageInfo
)
    where T : notnull
{
    /// <summary>Items of the page without cursors.</summary>
    [Description("Items of the page without cursors.")]
    public IEnumerable<T> Nodes => Edges.Select(edge => edge.Node);
}
