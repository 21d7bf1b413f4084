using System.Globalization;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Domain.Monitoring.Alerts;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>With default settings, the alerts of a deployment and the Prometheus rules fire under the same conditions.</summary>
public sealed class PrometheusRulesTests
{
    private static readonly string Rules = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "rules.yml"));
    private static readonly AlertOptions Defaults = new();

    public static TheoryData<AlertRule> All => [.. Enum.GetValues<AlertRule>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Prometheus_rule_equals_default_settings(AlertRule rule)
    {
        var condition = AlertCondition.CreateAll(Defaults).Single(l => l.Rule == rule);
        var text = Rules.Split("- alert: ").Single(alert => alert.StartsWith($"DeployCard{rule}\n", StringComparison.Ordinal));

        Numbers(text, " > ").ShouldBe([condition.Threshold]);
        Numbers(text, "\n        for: ").DefaultIfEmpty().ShouldBe([condition.For.TotalMinutes]);
        Numbers(text, "\n        keep_firing_for: ").ShouldBe([Defaults.KeepFiringFor.TotalMinutes]);
        text.ShouldContain($"severity: {AlertRules.SeverityOf(rule).ToString().ToLowerInvariant()}}}");
        // The Prometheus rule reads the current age, so it has no window.
        if (rule is not AlertRule.BacklogAge)
            Numbers(text, "[").Distinct().ShouldBe([condition.WindowMinutes]);
    }

    [Fact]
    public void Only_rules_of_deployments_keep_firing() =>
        Numbers(Rules, " keep_firing_for: ").Count().ShouldBe(Enum.GetValues<AlertRule>().Length);

    /// <summary>Returns the number after each occurrence of a mark; durations are in minutes.</summary>
    private static IEnumerable<double> Numbers(string text, string mark) =>
        text.Split(mark)
            .Skip(1)
            .Select(rest => string.Concat(rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')))
            .Where(digits => digits.Length > 0)
            .Select(digits => double.Parse(digits, CultureInfo.InvariantCulture));
}
