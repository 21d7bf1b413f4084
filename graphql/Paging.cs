using DeployCard.Contracts.Results;
using DeployCard.Contracts.Storage;

namespace DeployCard.GraphQL;

/// <summary>Converts Relay's four paging arguments to a page request, and a page of a store to edges.</summary>
internal static class Paging
{
    private const int MaxPageSize = 200;
    private const int DefaultPageSize = 50;

    public static PageRequest CreateRequest(int? first, string? after, int? last, string? before)
    {
        if ((first ?? after as object) is not null && (last ?? before as object) is not null)
            throw new ApiException(ErrorCodes.InvalidInput, "Use either 'first' with 'after' or 'last' with 'before', not both.");
        var limit = first ?? last ?? DefaultPageSize;
        if (limit is < 1 or > MaxPageSize)
            throw new ApiException(ErrorCodes.InvalidInput, $"'first' and 'last' must be 1 to {MaxPageSize}; got {limit}.");
        return new(limit, after ?? before, last is not null || before is not null);
    }

    public static IReadOnlyList<Edge<TNode>> CreateEdges<TItem, TNode>(Page<TItem> page, Func<TItem, TNode> node)
        where TNode : notnull => [.. page.Items.Select(item => new Edge<TNode>(item.Cursor, node(item.Item)))];

    public static PageInfo CreatePageInfo<TItem>(Page<TItem> page) =>
        new(
            page.HasNext,
            page.HasPrevious,
            page.Items.Count > 0 ? page.Items[0].Cursor : null,
            page.Items.Count > 0 ? page.Items[^1].Cursor : null
        );

    /// <summary>Runs a query of a store and reports an invalid cursor as an error of the caller.</summary>
    public static async Task<Page<T>> Load<T>(Func<Task<Page<T>>> query)
    {
        try
        {
            return await query();
        }
        catch (InvalidCursorException e)
        {
            throw new ApiException(ErrorCodes.InvalidCursor, e.Message);
        }
    }
}
