namespace DeployCard.Storage.Sql;

/// <summary>
/// A range of sort keys. A database seeks by only one bound on each side. If a filter and a cursor both limit a side, the range keeps only
/// the tighter bound.
/// </summary>
/// <param name="Above">The lower bound; null if the range has no lower bound.</param>
/// <param name="Below">The upper bound; null if the range has no upper bound.</param>
/// <param name="IncludesBounds">Whether items whose key equals a bound belong to the range.</param>
internal sealed record KeysetRange(string[]? Above = null, string[]? Below = null, bool IncludesBounds = false)
{
    public static KeysetRange All { get; } = new();

    public KeysetRange WithAbove(string[] key) => this with { Above = Above is null || Compare(key, Above) > 0 ? key : Above };

    public KeysetRange WithBelow(string[] key) => this with { Below = Below is null || Compare(key, Below) < 0 ? key : Below };

    private static int Compare(string[] one, string[] other) =>
        one.Zip(other, string.CompareOrdinal).FirstOrDefault(difference => difference != 0);
}
