using System.Text.RegularExpressions;

namespace DeployCard.Repository.Tests.Docs;

/// <summary>The links between the pages of the repository.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Links_lead_to_files_and_headings_that_exist() => RepositoryFiles.WithEnding(".md").SelectMany(Broken).ShouldBeEmpty();

    [Fact]
    public void Pages_of_docs_are_reachable_from_the_README()
    {
        var reached = new HashSet<string>();
        var queue = new Queue<string>(["README.md"]);
        while (queue.TryDequeue(out var page))
        {
            if (!reached.Add(page) || !page.EndsWith(".md", StringComparison.Ordinal))
                continue;
            foreach (var (_, target, _) in Links(page))
                queue.Enqueue(target);
        }

        RepositoryFiles
            .WithEnding(".md")
            .Where(page => page.StartsWith("docs/", StringComparison.Ordinal) && !reached.Contains(page))
            .ShouldBeEmpty();
    }

    private static IEnumerable<string> Broken(string page)
    {
        foreach (var (line, target, anchor) in Links(page))
        {
            if (!RepositoryFiles.Exists(target))
                yield return $"{page}:{line}: {target} does not exist";
            else if (anchor.Length > 0 && target.EndsWith(".md", StringComparison.Ordinal) && !Anchors(target).Contains(anchor))
                yield return $"{page}:{line}: {target} has no heading #{anchor}";
        }
    }

    /// <summary>The links to files of the repository, resolved against the folder of the page.</summary>
    private static IEnumerable<(int Line, string Target, string Anchor)> Links(string page)
    {
        var isCode = false;
        foreach (var (index, line) in RepositoryFiles.Read(page).Split('\n').Index())
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            if (isCode)
                continue;
            foreach (Match link in Link().Matches(line))
            {
                var target = link.Groups[1].Value;
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                    continue;
                var parts = target.Split('#', 2);
                yield return (index + 1, Resolve(page, parts[0]), parts.ElementAtOrDefault(1) ?? "");
            }
        }
    }

    private static string Resolve(string page, string target)
    {
        if (target.Length == 0)
            return page;
        var folder = Path.GetDirectoryName(page) ?? "";
        var full = Path.GetFullPath(Path.Combine("/", folder, target));
        return full.TrimStart('/').TrimEnd('/');
    }

    /// <summary>The anchors that GitHub gives the headings of a page.</summary>
    private static HashSet<string> Anchors(string page)
    {
        var anchors = new HashSet<string>();
        foreach (Match heading in Heading().Matches(RepositoryFiles.Read(page)))
        {
            var text = heading.Groups[1].Value.Trim().ToLowerInvariant();
            var anchor = string.Concat(text.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
            for (var n = 0; !anchors.Add(n == 0 ? anchor : $"{anchor}-{n}"); n++) { }
        }

        return anchors;
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
