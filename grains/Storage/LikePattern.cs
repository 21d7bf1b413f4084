namespace DeployCard.Grains.Storage;

/// <summary>What a person types as a pattern for <c>LIKE … ESCAPE '\'</c>: their <c>%</c> and <c>_</c> mean themselves.</summary>
internal static class LikePattern
{
    public static string Contains(string text) => $"%{Fold(text).Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";

    /// <summary>A text without regard to case. A sigma at the end of a word is one like the others: what is looked for may end in the middle.</summary>
    public static string Fold(string text) => text.ToLowerInvariant().Replace('ς', 'σ');
}
