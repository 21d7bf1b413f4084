using System.Globalization;
using System.Text;

namespace DeployCard.Repository.Tests.Prose;

/// <summary>
/// Keeps the prose of the repository plain: hits of each construction per 10,000 words stay at or below those of YARP, for code and for
/// Markdown alike. <c>CONTRIBUTING.md</c> explains the rules.
/// </summary>
public sealed class ProseTests
{
    private const int MaxMarkdownLine = 120;

    [Fact]
    public void Code_prose_stays_below_the_accepted_rate_of_each_banned_construction() => Count(CodeProse()).ShouldBeEmpty();

    [Fact]
    public void Markdown_stays_below_the_accepted_rate_of_each_banned_construction() => Count(Markdown()).ShouldBeEmpty();

    [Fact]
    public void Documentation_names_its_subject_in_more_than_three_words() =>
        RepositoryFiles.WithEnding(".cs").Where(IsProduct).SelectMany(CSharpProse.WeakDescriptions).Select(Shorten).ShouldBeEmpty();

    [Fact]
    public void Schema_descriptions_have_more_than_three_words() =>
        OtherProse.Schema("graphql/schema.graphql").Where(description => description.Words <= 3).Select(Shorten).ShouldBeEmpty();

    [Fact]
    public void Markdown_lines_have_at_most_120_characters()
    {
        var lines =
            from path in RepositoryFiles.WithEnding(".md")
            from line in WrappingLines(path)
            where line.Text.Length > MaxMarkdownLine
            select $"{path}:{line.Number}: {line.Text.Length} characters";
        lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Who leaves frees everything.", "who without a noun")]
    [InlineData("The reason is told to the caller.", "tell/told for log, report, return")]
    [InlineData("The pod is gone.", "goes, gone, went")]
    [InlineData("All of them start at once.", "at once")]
    [InlineData("null for none", "null for none, no bound")]
    public void Each_construction_is_found(string text, string construction) =>
        Construction.All.Where(candidate => candidate.Pattern.IsMatch(text)).Select(found => found.Name).ShouldContain(construction);

    [Theory]
    [InlineData("Users who hold a key may call the deployment.")]
    [InlineData("There is no pod yet.")]
    public void Plain_sentences_pass(string text) => Construction.All.Where(candidate => candidate.Pattern.IsMatch(text)).ShouldBeEmpty();

    private static IEnumerable<ProseFragment> CodeProse() =>
        RepositoryFiles
            .WithEnding(".cs")
            .Where(path => !IsGate(path))
            .SelectMany(CSharpProse.Read)
            .Concat(OtherProse.Schema("graphql/schema.graphql"))
            .Concat(RepositoryFiles.WithEnding(".yml", ".yaml").SelectMany(OtherProse.Yaml))
            .Concat(
                RepositoryFiles
                    .WithEnding(".json")
                    .Where(path => path.Contains("/dashboards/", StringComparison.Ordinal))
                    .SelectMany(OtherProse.Dashboard)
            );

    private static IEnumerable<ProseFragment> Markdown() => RepositoryFiles.WithEnding(".md").SelectMany(MarkdownProse.Read);

    /// <summary>The report of the constructions that occur more often than accepted; empty if none does.</summary>
    private static string Count(IEnumerable<ProseFragment> prose)
    {
        var fragments = prose.ToList();
        var words = fragments.Sum(fragment => fragment.Words);
        var report = new StringBuilder();
        foreach (var construction in Construction.All)
        {
            var hits = fragments.Where(fragment => construction.Pattern.IsMatch(fragment.Text)).ToList();
            var per10000 = hits.Sum(hit => construction.Pattern.Count(hit.Text)) * 10_000.0 / words;
            if (per10000 <= construction.MaxPer10000Words)
                continue;
            report.Append(
                CultureInfo.InvariantCulture,
                $"\n{construction.Name}: {per10000:0.0} per 10,000 words, accepted {construction.MaxPer10000Words}\n"
            );
            foreach (var hit in hits.Take(40))
                report.Append("  ").Append(Shorten(hit)).Append('\n');
        }

        return report.ToString();
    }

    private static string Shorten(ProseFragment fragment)
    {
        var text = fragment.ToString();
        return text.Length <= 200 ? text : text[..200] + "…";
    }

    /// <summary>The lines to which the limit applies: all lines except code blocks, tables and lines with a long link.</summary>
    private static IEnumerable<(int Number, string Text)> WrappingLines(string path)
    {
        var isCode = false;
        foreach (var (index, line) in RepositoryFiles.Read(path).Split('\n').Index())
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            else if (!isCode && !line.StartsWith('|') && !line.Contains("](http", StringComparison.Ordinal))
                yield return (index + 1, line);
        }
    }

    private static bool IsProduct(string path) => path.Split('/')[0] is "grains" or "graphql" or "silo" or "samples";

    /// <summary>The gate itself quotes what it bans.</summary>
    private static bool IsGate(string path) => path.StartsWith("tests/Repository.Tests/Prose/", StringComparison.Ordinal);
}
