using System.Data.Common;

namespace DeployCard.Grains.Storage;

/// <summary>Pages of a sorted list. A page is sought by the sort key of its neighbour, so that it costs the same wherever it lies.</summary>
/// <param name="source">The database.</param>
/// <param name="name">Tells its cursors from those of other lists and orders.</param>
/// <param name="isDescending">Whether it begins with the largest sort key.</param>
/// <param name="map">Makes an item of a row.</param>
/// <param name="key">The sort key of an item.</param>
internal sealed class KeysetList<T>(DbDataSource source, string name, bool isDescending, Func<DbDataReader, T> map, Func<T, string[]> key)
{
    public async Task<Page<T>> Read(KeysetQuery query, KeysetRange range, PageRequest page, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(page.Limit, 500);
        var cursor = page.Cursor is null ? null : Cursor.Decode(name, page.Cursor, query.Key.Count);
        // Side by side: a page amid the list is there as soon as the first one.
        var others = HasOther(query, range, cursor, page.IsBackward, cancellationToken);
        var items = await Fetch(query, From(range, cursor, page.IsBackward), page.IsBackward, page.Limit + 1, cancellationToken);
        var hasOther = await others;
        // One more than wanted tells whether there are more; it is shown to nobody.
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

    /// <summary>Whether anything lies on the side that the page came from: what the cursor was made of, if it is still there, or what is before that.</summary>
    private async Task<bool> HasOther(
        KeysetQuery query,
        KeysetRange range,
        string[]? cursor,
        bool isBackward,
        CancellationToken cancellationToken
    )
    {
        if (cursor is null)
            return false;
        var other = From(range, cursor, !isBackward) with { IncludesBounds = true };
        return await Fetch(query, other, !isBackward, 1, cancellationToken) is [_];
    }

    private KeysetRange From(KeysetRange range, string[]? place, bool isBackward)
    {
        if (place is null)
            return range;
        return isDescending == isBackward ? range.WithAbove(place) : range.WithBelow(place);
    }

    private Task<List<T>> Fetch(KeysetQuery query, KeysetRange range, bool isBackward, int limit, CancellationToken cancellationToken)
    {
        var (sql, parameters) = query.Build(range, isDescending != isBackward, limit);
        return source.Query(sql, parameters, map, cancellationToken);
    }
}
