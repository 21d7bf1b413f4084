using System.Text.RegularExpressions;

namespace DeployCard.Repository.Tests.Prose;

/// <summary>The text of Markdown pages without code blocks, code spans and link targets.</summary>
internal static partial class MarkdownProse
{
    public static IEnumerable<ProseFragment> Read(string path)
    {
        var isCode = false;
        foreach (var (index, line) in RepositoryFiles.Read(path).Split('\n').Index())
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            else if (!isCode && line.Length > 0)
                yield return new(path, index + 1, LinkTarget().Replace(CodeSpan().Replace(line, "code"), "]"), ProseKind.Markdown);
        }
    }

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex LinkTarget();
}
