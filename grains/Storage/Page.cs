namespace DeployCard.Grains.Storage;

/// <summary>Which part of a list is wanted.</summary>
/// <param name="Limit">How many at most, 1 to 500.</param>
/// <param name="Cursor">Where to begin, as a page before gave it, exclusive; null for the beginning (the end, when backwards).</param>
/// <param name="IsBackward">Whether the page lies before the cursor instead of after it. Its items stand in the list's own order either way.</param>
public sealed record PageRequest(int Limit, string? Cursor = null, bool IsBackward = false);

/// <summary>A part of a list, in the list's order.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The items, each with the cursor that names its place.</param>
/// <param name="HasNext">Whether there are items behind the last one.</param>
/// <param name="HasPrevious">Whether there are items before the first one.</param>
public sealed record Page<T>(IReadOnlyList<PageItem<T>> Items, bool HasNext, bool HasPrevious);

/// <summary>An item and its place.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Cursor">Its place: stays valid when other items come and go.</param>
/// <param name="Item">The item.</param>
public sealed record PageItem<T>(string Cursor, T Item);

/// <summary>The cursor that a caller gave is none.</summary>
public sealed class InvalidCursorException(string cursor) : FormatException($"'{cursor}' is no cursor of this list.");
