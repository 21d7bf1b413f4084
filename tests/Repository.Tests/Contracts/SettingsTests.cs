using System.Text;
using System.Text.RegularExpressions;

namespace DeployCard.Repository.Tests.Contracts;

/// <summary>The reference of all settings, <c>docs/settings.md</c>, is generated from the options classes.</summary>
public sealed partial class SettingsTests
{
    [Fact]
    public void Reference_of_settings_matches_the_options_classes()
    {
        var text = new StringBuilder();
        foreach (var section in Settings.All.GroupBy(setting => setting.Section))
        {
            text.Append("### ").Append(section.Key).Append("\n\n");
            foreach (var options in section.GroupBy(setting => setting.Options))
                text.Append(Table(options.Key, options)).Append('\n');
        }

        GeneratedPage.ShouldMatch("docs/settings.md", "settings", text.ToString(), "Installations configure these names and values.");
    }

    [Fact]
    public void Prefixes_and_suffixes_of_names_are_the_usual_ones() =>
        Settings
            .All.Select(setting => setting.Name.Split(':')[1])
            .Where(name =>
                name.StartsWith("Most", StringComparison.Ordinal)
                || name.StartsWith("Longest", StringComparison.Ordinal)
                || name.EndsWith("Period", StringComparison.Ordinal) && !name.EndsWith("GracePeriod", StringComparison.Ordinal)
                || name.EndsWith("Pause", StringComparison.Ordinal)
                || name.Contains("AtOnce", StringComparison.Ordinal)
            )
            .ShouldBeEmpty();

    [Fact]
    public void Descriptions_do_not_repeat_ranges_and_defaults() =>
        Settings.All.Where(setting => RangeOrDefault().IsMatch(setting.Description)).Select(setting => setting.Name).ShouldBeEmpty();

    private static string Table(Type options, IEnumerable<Setting> settings)
    {
        var summary = SectionName().Replace(XmlDocs.Summary(options), "");
        var text = new StringBuilder(Readable.Wrap(summary)).Append("\n\n");
        text.Append("| setting | type | range | default | description |\n|---|---|---|---|---|\n");
        foreach (var setting in settings)
            text.Append($"| `{setting.Name}` | {setting.Type} | {setting.Range} | {setting.Default} | {setting.Description} |\n");
        return text.ToString();
    }

    /// <summary>The name of the section in the summary of an options class, which the heading repeats.</summary>
    [GeneratedRegex(@" \(section `\w+`\)")]
    private static partial Regex SectionName();

    /// <summary>Text such as <c>1 s to 10 min</c>, <c>default 5</c> or <c>Default: false</c>.</summary>
    [GeneratedRegex(@"\d(?:\s\w+)?\sto\s\d|\b[Dd]efault(?::|\s\d|\strue|\sfalse)")]
    private static partial Regex RangeOrDefault();
}
