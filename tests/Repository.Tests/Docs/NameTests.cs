using System.Text.RegularExpressions;
using DeployCard.Repository.Tests.Contracts;

namespace DeployCard.Repository.Tests.Docs;

/// <summary>The names of settings, codes and metrics that the pages mention.</summary>
public sealed partial class NameTests
{
    [Fact]
    public void Settings_that_pages_mention_exist()
    {
        var sections = Settings.All.Select(setting => setting.Section).ToHashSet();
        var unknown =
            from mention in Mentions(SettingName())
            let name = mention.Name.Replace("__", ":", StringComparison.Ordinal)
            where sections.Contains(name.Split(':')[0]) && !Settings.IsKnown(name)
            select mention.ToString();
        unknown.ShouldBeEmpty();
    }

    [Fact]
    public void Codes_that_pages_mention_exist()
    {
        var known = Codes.All.ToHashSet();
        Mentions(CodeName()).Where(mention => !known.Contains(mention.Name)).Select(mention => mention.ToString()).ShouldBeEmpty();
    }

    [Fact]
    public void Metrics_that_pages_and_dashboards_mention_exist()
    {
        var documented = MetricName().Matches(RepositoryFiles.Read("docs/metrics.md")).Select(name => Base(name.Value)).ToHashSet();
        Mentions(MetricName(), ".md", ".yml", ".yaml", ".json")
            .Where(mention =>
                !mention.Path.EndsWith("docs/metrics.md", StringComparison.Ordinal) && !documented.Contains(Base(mention.Name))
            )
            .Select(mention => mention.ToString())
            .ShouldBeEmpty();
    }

    /// <summary>The name without the ending of a series of a histogram.</summary>
    private static string Base(string metric) => SeriesEnding().Replace(metric, "");

    private static IEnumerable<Mention> Mentions(Regex pattern, params string[] endings) =>
        from path in RepositoryFiles.WithEnding(endings.Length == 0 ? [".md"] : endings)
        where path is not "CHANGELOG.md" && !path.Contains("package", StringComparison.Ordinal)
        from line in RepositoryFiles.Read(path).Split('\n').Index()
        from Match match in pattern.Matches(line.Item)
        select new Mention(path, line.Index + 1, match.Groups["name"].Value);

    private sealed record Mention(string Path, int Line, string Name)
    {
        public override string ToString() => $"{Path}:{Line}: {Name}";
    }

    [GeneratedRegex(@"(?<![\w/:.-])(?<name>[A-Z][A-Za-z0-9]+(?:(?::|__)[A-Z][A-Za-z0-9]+)+)(?=(?:_FILE)?[^\w:]|$)")]
    private static partial Regex SettingName();

    /// <summary>Code spans in capitals with an underscore, except names of environment variables and of encodings.</summary>
    [GeneratedRegex(@"`(?<name>(?!DEPLOYCARD_|DOTNET_|ASPNETCORE_|POD_NAME|SQL_ASCII`)[A-Z]+(?:_[A-Z0-9]+)+)`")]
    private static partial Regex CodeName();

    [GeneratedRegex(@"\b(?<name>deploycard_(?:async|build|callback|gateway|graphql|live|log|pods?|revision|storage)[a-z_]*[a-z])\b")]
    private static partial Regex MetricName();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex SeriesEnding();
}
