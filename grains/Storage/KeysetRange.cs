namespace DeployCard.Grains.Storage;

/// <summary>
/// What lies strictly between two sort keys, each null for no bound. A database uses one bound of each side to seek; so two that say the same
/// thing (a filter's and a cursor's) become the tighter one here.
/// </summary>
internal sealed record KeysetRange(string[]? Above = null, string[]? Below = null)
{
    public static KeysetRange All { get; } = new();

    public KeysetRange WithAbove(string[] key) => this with { Above = Above is null || Compare(key, Above) > 0 ? key : Above };

    public KeysetRange WithBelow(string[] key) => this with { Below = Below is null || Compare(key, Below) < 0 ? key : Below };

    private static int Compare(string[] one, string[] other) =>
        one.Zip(other, string.CompareOrdinal).FirstOrDefault(difference => difference != 0);
}
