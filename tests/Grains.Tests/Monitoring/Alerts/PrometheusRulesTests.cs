using System.Globalization;
using DeployCard.Grains.Monitoring.Alerts;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>What fires on a card fires in Prometheus, too, unless somebody sets it otherwise.</summary>
public sealed class PrometheusRulesTests
{
    private static readonly string Rules = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "rules.yml"));
    private static readonly AlertOptions Defaults = new();

    public static TheoryData<AlertRule> All => [.. Enum.GetValues<AlertRule>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Prometheus_rule_has_the_numbers_that_are_the_settings_defaults(AlertRule rule)
    {
        var limit = AlertLimit.Of(Defaults).Single(l => l.Rule == rule);
        var text = Rules.Split("- alert: ").Single(alert => alert.StartsWith($"DeployCard{rule}\n", StringComparison.Ordinal));

        Numbers(text, " > ").ShouldBe([limit.Limit]);
        Numbers(text, "\n        for: ").DefaultIfEmpty().ShouldBe([limit.For.TotalMinutes]);
        Numbers(text, "\n        keep_firing_for: ").ShouldBe([Defaults.KeepFiringFor.TotalMinutes]);
        text.ShouldContain($"severity: {AlertRules.SeverityOf(rule).ToString().ToLowerInvariant()}}}");
        // What is seen at a moment has no window there.
        if (rule is not AlertRule.BacklogAge)
            Numbers(text, "[").Distinct().ShouldBe([limit.Window]);
    }

    [Fact]
    public void Rules_that_go_on_firing_are_those_of_the_cards() =>
        Numbers(Rules, " keep_firing_for: ").Count().ShouldBe(Enum.GetValues<AlertRule>().Length);

    /// <summary>The numbers behind each place of a mark, times in minutes.</summary>
    private static IEnumerable<double> Numbers(string text, string mark) =>
        text.Split(mark)
            .Skip(1)
            .Select(rest => string.Concat(rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')))
            .Where(digits => digits.Length > 0)
            .Select(digits => double.Parse(digits, CultureInfo.InvariantCulture));
}
