using System.Net;
using System.Net.Sockets;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>What a person is told who gives metrics an address that they cannot have.</summary>
public sealed class MetricsAddressTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_that_is_taken_or_none_at_all_is_told_in_one_line_by_the_settings_name()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://{other.LocalEndpoint}";

        (await Fails("--Metrics:Url", address)).ShouldStartWith($"deploycard: Metrics:Url is {address}, which is taken by another program");
        (await Fails("--Metrics:Url", "9464", "--Otlp:Endpoint", "collector", "--Tracing:SamplingRatio", "2")).ShouldSatisfyAllConditions(
            line => line.ShouldContain("Metrics:Url is '9464'"),
            line => line.ShouldContain("Otlp:Endpoint"),
            line => line.ShouldContain("Ratio")
        );
        (await Fails("--Card:GrafanaUrl", "grafana")).ShouldContain("Card:GrafanaUrl");
    }

    [Fact]
    public async Task A_deployment_leads_to_its_dashboard_where_there_is_a_Grafana()
    {
        var (card, name) = (shared.Card, shared.NewName("shown"));
        await card.Deploy(name, "echo");

        var deployment = await card.Query("query($n: String!) { deployment(name: $n) { grafanaUrl } }", new { n = name }, Cancellation);

        ((string?)deployment["deployment"]!["grafanaUrl"]).ShouldBe(
            $"{AssemblySilo.GrafanaUrl}d/deploycard-deployment?var-deployment={name}"
        );
    }

    /// <summary>One more silo, which differs from the first one in all that they cannot share.</summary>
    private async Task<string> Fails(params string[] settings)
    {
        var silo = shared.Card.Silo;
        var (exitCode, errors) = await silo.RunToEnd(
            Cancellation,
            [
                "--Gateway:Http2Url",
                "",
                "--urls",
                $"http://localhost:{TestPorts.Free()}",
                "--Storage:Path",
                Path.Combine(silo.Folder, "metrics", "x.db"),
                .. settings,
            ]
        );

        exitCode.ShouldBe(1, errors);
        return errors.Trim().Split('\n')[^1];
    }
}
