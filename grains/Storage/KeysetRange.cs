namespace DeployCard.Grains.Storage;

/// <summary>
/// What lies between two sort keys, each null for no bound. A database uses one bound of each side to seek; so two that say the same
/// thing (a filter's and a cursor's) become the tighter one here.
/// </summary>
/// <param name="Above">The lower one.</param>
/// <param name="Below">The upper one.</param>
/// <param name="IncludesBounds">Whether what has one of these keys itself is meant, too.</param>
internal sealed record KeysetRange(string[]? Above = null, string[]? Below = null, bool IncludesBounds = false)
{
    public static KeysetRange All { get; } = new();

    public KeysetRange WithAbove(string[] key) => this with { Above = Above is null || Compare(key, Above) > 0 ? key : Above };

    public KeysetRange WithBelow(string[] key) => this with { Below = Below is null || Compare(key, Below) < 0 ? key : Below };

    private static int Compare(string[] one, string[] other) =>
        one.Zip(other, string.CompareOrdinal).FirstOrDefault(difference => difference != 0);
}
