using System.ComponentModel;

namespace DeployCard.GraphQL;

/// <summary>One node of a page with its place in the list.</summary>
/// <param name="Cursor">Opaque; valid as <c>after</c> or <c>before</c>.</param>
/// <param name="Node">The thing itself.</param>
[Description("One node of a page with its place in the list.")]
public record Edge<T>(
    [property: Description("Opaque; valid as after or before.")] string Cursor,
    [property: Description("The thing itself.")] T Node
)
    where T : notnull;
