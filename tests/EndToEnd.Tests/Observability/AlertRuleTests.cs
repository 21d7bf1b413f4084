using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Observability;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>Checks the configuration of Prometheus with promtool, and runs the tests of the alert rules.</summary>
public sealed class AlertRuleTests
{
    [Fact]
    public async Task Prometheus_configuration_and_rules_are_valid()
    {
        var (exitCode, output) = await PrometheusServer.Promtool("", "check", "config", MonitoringFiles.Prometheus("prometheus.yml"));

        exitCode.ShouldBe(0, output);
        output.ShouldContain("rules found");
    }

    [Fact]
    public async Task Alert_rules_pass_their_tests()
    {
        var (exitCode, output) = await PrometheusServer.Promtool("", "test", "rules", MonitoringFiles.Prometheus("rules.test.yml"));

        exitCode.ShouldBe(0, output);
    }

    [Fact]
    public async Task Each_alert_is_tested_and_documented()
    {
        var rules = await File.ReadAllLinesAsync(MonitoringFiles.Prometheus("rules.yml"), TestContext.Current.CancellationToken);
        var tests = await File.ReadAllTextAsync(MonitoringFiles.Prometheus("rules.test.yml"), TestContext.Current.CancellationToken);
        var page = await File.ReadAllTextAsync(
            Path.Combine(BuildOutput.Solution, "docs", "observability.md"),
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
