namespace DeployCard.Grains.Storage;

/// <summary>What a person types as a pattern for <c>LIKE … ESCAPE '\'</c>: their <c>%</c> and <c>_</c> mean themselves.</summary>
internal static class LikePattern
{
    public static string Contains(string text) =>
        $"%{text.ToLowerInvariant().Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
}
