using System.Text.RegularExpressions;

namespace DeployCard.EndToEnd.Tests.Containers;

/// <summary>What a <c>.dockerignore</c> lets into a build: its last line that fits a path decides, and one that fits a folder fits all below it.</summary>
internal sealed class DockerIgnore(IEnumerable<string> lines)
{
    private readonly IReadOnlyList<(bool IsLetIn, Regex Pattern)> rules =
    [
        .. lines
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (line[0] == '!', Pattern(line.TrimStart('!').Trim('/')))),
    ];

    /// <param name="path">Relative to the folder of the build, with <c>/</c> between its parts.</param>
    public bool LetsIn(string path)
    {
        var isIn = true;
        foreach (var rule in rules.Where(rule => rule.IsLetIn != isIn && rule.Pattern.IsMatch(path)))
            isIn = rule.IsLetIn;
        return isIn;
    }

    private static Regex Pattern(string glob) =>
        new(
            $"^{Regex.Escape(glob).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal)}(/.*)?$",
            RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(1)
        );
}
