namespace DeployCard.GraphQL;

/// <summary>Where a page stands in its list.</summary>
/// <param name="HasNextPage">There is more after this page.</param>
/// <param name="HasPreviousPage">There is more before this page.</param>
/// <param name="StartCursor">The cursor of the first node, null on an empty page.</param>
/// <param name="EndCursor">The cursor of the last node: give it as <c>after</c> to get the next page.</param>
public sealed record PageInfo(bool HasNextPage, bool HasPreviousPage, string? StartCursor, string? EndCursor);
