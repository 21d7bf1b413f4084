using DeployCard.Tests.Support;

namespace DeployCard.Repository.Tests.Contracts;

/// <summary>A Markdown page with a part that is generated from the code, between two HTML comments.</summary>
internal static class GeneratedPage
{
    /// <summary>Fails if the generated part of a page differs from the text, and says how to update it.</summary>
    /// <param name="path">The page, relative to the root of the repository.</param>
    /// <param name="part">The name of the part in its comments.</param>
    /// <param name="text">The text that the code generates.</param>
    /// <param name="meaning">The meaning of a difference for users, as a sentence.</param>
    public static void ShouldMatch(string path, string part, string text, string meaning)
    {
        var (begin, end) = ($"<!-- begin generated: {part} -->", $"<!-- end generated: {part} -->");
        var page = RepositoryFiles.Read(path);
        var from = page.IndexOf(begin, StringComparison.Ordinal);
        var to = page.IndexOf(end, StringComparison.Ordinal);
        (from >= 0 && to > from).ShouldBeTrue($"{path} must contain '{begin}' and '{end}'.");
        Snapshot.ShouldMatch(path, $"{page[..from]}{begin}\n\n{text.Trim()}\n\n{page[to..]}", meaning);
    }
}
