using System.Text.RegularExpressions;

namespace DeployCard.Repository.Tests.Prose;

/// <summary>The text in the schema, in YAML and in dashboards.</summary>
internal static partial class OtherProse
{
    /// <summary>The descriptions in a GraphQL schema.</summary>
    public static IEnumerable<ProseFragment> Schema(string path) =>
        Lines(path, Description()).Select(fragment => fragment with { Kind = ProseKind.Documentation });

    /// <summary>The comments, summaries and descriptions in a YAML file.</summary>
    public static IEnumerable<ProseFragment> Yaml(string path) => Lines(path, YamlComment()).Concat(Lines(path, YamlText()));

    /// <summary>The titles and descriptions in a Grafana dashboard.</summary>
    public static IEnumerable<ProseFragment> Dashboard(string path) =>
        Lines(path, DashboardText()).Select(fragment => fragment with { Kind = ProseKind.Message });

    private static IEnumerable<ProseFragment> Lines(string path, Regex text) =>
        from line in RepositoryFiles.Read(path).Split('\n').Index()
        let match = text.Match(line.Item)
        where match.Success
        select new ProseFragment(path, line.Index + 1, match.Groups[1].Value, ProseKind.Comment);

    [GeneratedRegex("^\\s*\"(.*)\"$")]
    private static partial Regex Description();

    [GeneratedRegex(@"(?:^|\s)#\s+(.*)$")]
    private static partial Regex YamlComment();

    [GeneratedRegex(@"^\s*(?:summary|description):\s*(.*)$")]
    private static partial Regex YamlText();

    [GeneratedRegex("\"(?:title|description)\": \"(.*)\"")]
    private static partial Regex DashboardText();
}
