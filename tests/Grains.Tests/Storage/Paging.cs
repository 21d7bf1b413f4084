using DeployCard.Grains.Storage;

namespace DeployCard.Grains.Tests.Storage;

internal static class Paging
{
    /// <summary>Every item in the list's order, page by page from one end to the other; and what each page says of its neighbours is true.</summary>
    public static async Task<List<T>> ReadAll<T>(Func<string?, bool, Task<Page<T>>> read, bool isBackward)
    {
        var all = new List<T>();
        string? cursor = null;
        bool hasMore;
        do
        {
            var page = await read(cursor, isBackward);
            var items = page.Items.Select(item => item.Item);
            all.InsertRange(isBackward ? 0 : all.Count, items);
            (isBackward ? page.HasNext : page.HasPrevious).ShouldBe(cursor is not null);
            hasMore = isBackward ? page.HasPrevious : page.HasNext;
            cursor = (isBackward ? page.Items[0] : page.Items[^1]).Cursor;
        } while (hasMore);
        await TheEndIsEmpty(read, isBackward, cursor);
        return all;
    }

    private static async Task TheEndIsEmpty<T>(Func<string?, bool, Task<Page<T>>> read, bool isBackward, string cursor)
    {
        var beyond = await read(cursor, isBackward);
        beyond.Items.ShouldBeEmpty();
        (beyond.HasNext, beyond.HasPrevious).ShouldBe((isBackward, !isBackward));
    }
}
