using DeployCard.Contracts.Storage;

namespace DeployCard.Grains.Tests.Storage;

internal static class Paging
{
    /// <summary>
    /// Reads all pages from one end of the list to the other and returns the items in the list's order. Checks the previous and next flags
    /// of each page.
    /// </summary>
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
        await PageBeyondTheEndShouldBeEmpty(read, isBackward, cursor);
        return all;
    }

    private static async Task PageBeyondTheEndShouldBeEmpty<T>(Func<string?, bool, Task<Page<T>>> read, bool isBackward, string cursor)
    {
        var beyond = await read(cursor, isBackward);
        beyond.Items.ShouldBeEmpty();
        (beyond.HasNext, beyond.HasPrevious).ShouldBe((isBackward, !isBackward));
    }
}
