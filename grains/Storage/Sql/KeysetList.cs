using System.Data.Common;
using DeployCard.Contracts.Storage;

namespace DeployCard.Storage.Sql;

/// <summary>
/// Reads pages of a sorted list by keyset pagination: a page is found by the sort key of the adjacent item, so that its cost does not
/// depend on its position in the list.
/// </summary>
/// <param name="database">The database to query.</param>
/// <param name="name">Name of the list and its order, which its cursors contain. A cursor of another list is rejected.</param>
/// <param name="isDescending">Whether the list begins with the largest sort key.</param>
/// <param name="map">Converts a row to an item.</param>
/// <param name="key">Returns the sort key of an item.</param>
internal sealed class KeysetList<T>(SqlDatabase database, string name, bool isDescending, Func<DbDataReader, T> map, Func<T, string[]> key)
{
    public async Task<Page<T>> Read(KeysetQuery query, KeysetRange range, PageRequest page, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(page.Limit, 500);
        var cursor = page.Cursor is null ? null : Cursor.Decode(name, page.Cursor, query.Key.Count);
        // Both queries run concurrently, so that a page in the middle of the list takes no longer than the first page.
        var others = HasOppositeItem(query, range, cursor, page.IsBackward, cancellationToken);
        var items = await Fetch(query, Narrow(range, cursor, page.IsBackward), page.IsBackward, page.Limit + 1, cancellationToken);
        var hasOther = await others;
        // The extra item shows whether another page follows. It is not returned.
        var hasMore = items.Count > page.Limit;
        if (hasMore)
            items.RemoveAt(page.Limit);
        if (page.IsBackward)
            items.Reverse();
        return new(
            [.. items.Select(item => new PageItem<T>(Cursor.Encode(name, key(item)), item))],
            HasNext: page.IsBackward ? hasOther : hasMore,
            HasPrevious: page.IsBackward ? hasMore : hasOther
        );
    }

    /// <summary>
    /// Whether the list has an item on the side opposite to the reading direction: the item of the cursor, if it still exists, or an item
    /// beyond the cursor.
    /// </summary>
    private async Task<bool> HasOppositeItem(
        KeysetQuery query,
        KeysetRange range,
        string[]? cursor,
        bool isBackward,
        CancellationToken cancellationToken
    )
    {
        if (cursor is null)
            return false;
        var other = Narrow(range, cursor, !isBackward) with { IncludesBounds = true };
        return await Fetch(query, other, !isBackward, 1, cancellationToken) is [_];
    }

    private KeysetRange Narrow(KeysetRange range, string[]? cursor, bool isBackward)
    {
        if (cursor is null)
            return range;
        return isDescending == isBackward ? range.WithAbove(cursor) : range.WithBelow(cursor);
    }

    private Task<List<T>> Fetch(KeysetQuery query, KeysetRange range, bool isBackward, int limit, CancellationToken cancellationToken)
    {
        var (sql, parameters) = query.Build(range, isDescending != isBackward, limit);
        return database.Query(sql, parameters, map, cancellationToken);
    }
}
