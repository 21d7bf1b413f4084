using System.ComponentModel;

namespace DeployCard.GraphQL;

/// <summary>One item of a page with its cursor.</summary>
/// <param name="Cursor">Opaque position of the item, valid as <c>after</c> or <c>before</c>.</param>
/// <param name="Node">Item at this position of the list.</param>
[Description("One item of a page with its cursor.")]
public record Edge<T>(
    [property: Description("Opaque position of the item, valid as after or before.")] string Cursor,
    [property: Description("Item at this position of the list.")] T Node
)
    where T : notnull;
