namespace DeployCard.GraphQL;

/// <summary>One node of a page with its place in the list.</summary>
/// <param name="Cursor">Opaque; valid as <c>after</c> or <c>before</c>.</param>
/// <param name="Node">The thing itself.</param>
public record Edge<T>(string Cursor, T Node) where T : notnull;
