using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Observability;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>Prometheus' own tool reads what Prometheus is configured with, and runs the tests of the alert rules.</summary>
public sealed class AlertRuleTests
{
    [Fact]
    public async Task The_configuration_of_Prometheus_and_its_rules_are_in_order()
    {
        var (exitCode, output) = await PrometheusServer.Promtool("", "check", "config", MonitoringFiles.Prometheus("prometheus.yml"));

        exitCode.ShouldBe(0, output);
        output.ShouldContain("rules found");
    }

    [Fact]
    public async Task Each_alert_fires_when_it_should_and_only_then()
    {
        var (exitCode, output) = await PrometheusServer.Promtool("", "test", "rules", MonitoringFiles.Prometheus("rules.test.yml"));

        exitCode.ShouldBe(0, output);
    }

    [Fact]
    public async Task Each_alert_is_tested_and_has_a_place_in_the_documentation()
    {
        var rules = await File.ReadAllLinesAsync(MonitoringFiles.Prometheus("rules.yml"), TestContext.Current.CancellationToken);
        var tests = await File.ReadAllTextAsync(MonitoringFiles.Prometheus("rules.test.yml"), TestContext.Current.CancellationToken);
        var page = await File.ReadAllTextAsync(
            Path.Combine(Built.Solution, "docs", "observability.md"),
            TestContext.Current.CancellationToken
        );
        var alerts = rules.Where(line => line.Contains("- alert: ")).Select(line => line.Split(": ")[1].Trim()).ToList();

        alerts.Count.ShouldBeGreaterThan(5);
        foreach (var alert in alerts)
        {
            tests.ShouldContain($"alertname: {alert}");
            page.ShouldContain($"### {alert}\n");
            rules.ShouldContain($"          runbook: docs/observability.md#{alert.ToLowerInvariant()}");
        }
    }
}
