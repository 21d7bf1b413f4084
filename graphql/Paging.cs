using DeployCard.Grains.Storage;

namespace DeployCard.GraphQL;

/// <summary>Translates Relay's four arguments into a page of a store, and the page into edges.</summary>
internal static class Paging
{
    private const int Most = 200;
    private const int Default = 50;

    public static PageRequest Request(int? first, string? after, int? last, string? before)
    {
        if ((first ?? after as object) is not null && (last ?? before as object) is not null)
            throw new ApiException("INVALID", "Give 'first' and 'after', or 'last' and 'before', not both.");
        var limit = first ?? last ?? Default;
        if (limit is < 1 or > Most)
            throw new ApiException("INVALID", $"'first' and 'last' must be 1 to {Most}; {limit} was given.");
        return new(limit, after ?? before, last is not null || before is not null);
    }

    public static IReadOnlyList<Edge<TNode>> Edges<TItem, TNode>(Page<TItem> page, Func<TItem, TNode> node)
        where TNode : notnull => [.. page.Items.Select(item => new Edge<TNode>(item.Cursor, node(item.Item)))];

    public static PageInfo Info<TItem>(Page<TItem> page) =>
        new(
            page.HasNext,
            page.HasPrevious,
            page.Items.Count > 0 ? page.Items[0].Cursor : null,
            page.Items.Count > 0 ? page.Items[^1].Cursor : null
        );

    /// <summary>Runs a query of a store; a cursor of another list is the caller's mistake.</summary>
    public static async Task<Page<T>> Load<T>(Func<Task<Page<T>>> query)
    {
        try
        {
            return await query();
        }
        catch (InvalidCursorException e)
        {
            throw new ApiException("INVALID_CURSOR", e.Message);
        }
    }
}
