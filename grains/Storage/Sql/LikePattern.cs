namespace DeployCard.Storage.Sql;

/// <summary>
/// Converts a search text to a pattern for <c>LIKE … ESCAPE '\'</c>, in which its <c>%</c> and <c>_</c> match only themselves.
/// </summary>
internal static class LikePattern
{
    public static string Contains(string text) => $"%{FoldCase(text).Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";

    /// <summary>
    /// Folds a text to lower case. The final sigma (ς) becomes σ, because a search text may end in the middle of a word in which the same
    /// letter is σ.
    /// </summary>
    public static string FoldCase(string text) => text.ToLowerInvariant().Replace('ς', 'σ');
}
