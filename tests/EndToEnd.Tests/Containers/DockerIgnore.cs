using System.Text.RegularExpressions;

namespace DeployCard.EndToEnd.Tests.Containers;

/// <summary>
/// Rules of a <c>.dockerignore</c>. The last line that matches a path decides. A line that matches a folder matches all of its content.
/// </summary>
internal sealed class DockerIgnore(IEnumerable<string> lines)
{
    private readonly IReadOnlyList<(bool IsIncluded, Regex Pattern)> rules =
    [
        .. lines
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (line[0] == '!', Pattern(line.TrimStart('!').Trim('/')))),
    ];

    /// <summary>Whether a file is part of the build context.</summary>
    /// <param name="path">Path relative to the build context, with <c>/</c> as separator.</param>
    public bool Includes(string path)
    {
        var isIn = true;
        foreach (var rule in rules.Where(rule => rule.IsIncluded != isIn && rule.Pattern.IsMatch(path)))
            isIn = rule.IsIncluded;
        return isIn;
    }

    private static Regex Pattern(string glob)
    {
        var pattern = Regex
            .Escape(glob)
            .Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal)
            .Replace(@"\*\*", ".*", StringComparison.Ordinal)
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal);
        return new($"^{pattern}(/.*)?$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}
