namespace DeployCard.GraphQL;

/// <summary>Position of a page within its list.</summary>
/// <param name="HasNextPage">Whether there are items after this page.</param>
/// <param name="HasPreviousPage">Whether there are items before this page.</param>
/// <param name="StartCursor">Cursor of the first item, for <c>before</c> of the previous page; null if the page is empty.</param>
/// <param name="EndCursor">Cursor of the last item, for <c>after</c> of the next page; null if the page is empty.</param>
public sealed record PageInfo(bool HasNextPage, bool HasPreviousPage, string? StartCursor, string? EndCursor);
