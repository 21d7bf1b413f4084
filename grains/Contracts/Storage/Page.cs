namespace DeployCard.Contracts.Storage;

/// <summary>Request for one page of a list.</summary>
/// <param name="Limit">Maximum number of items, 1 to 500.</param>
/// <param name="Cursor">
/// Cursor of the item next to the page. A forward page begins after this item; a backward page ends before it. Null requests the first page
/// of the list, or the last page if backward.
/// </param>
/// <param name="IsBackward">
/// Whether the page is before the cursor instead of after it. The items are in the list's order in both cases.
/// </param>
public sealed record PageRequest(int Limit, string? Cursor = null, bool IsBackward = false);

/// <summary>One page of a list, in the list's order.</summary>
/// <typeparam name="T">Type of the items.</typeparam>
/// <param name="Items">The items, each with the cursor of its position.</param>
/// <param name="HasNext">Whether the list has items after the last one of the page.</param>
/// <param name="HasPrevious">Whether the list has items before the first one of the page.</param>
public sealed record Page<T>(IReadOnlyList<PageItem<T>> Items, bool HasNext, bool HasPrevious);

/// <summary>An item of a page and its cursor.</summary>
/// <typeparam name="T">Type of the item.</typeparam>
/// <param name="Cursor">Position of the item in the list. The cursor stays valid when items are added or removed.</param>
/// <param name="Item">The item at this position.</param>
public sealed record PageItem<T>(string Cursor, T Item);

/// <summary>Thrown if a given cursor is malformed or belongs to another list.</summary>
public sealed class InvalidCursorException(string cursor) : FormatException($"'{cursor}' is not a cursor of this list.");
