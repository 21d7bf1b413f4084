using System.Net;
using System.Net.Sockets;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>Start-up errors for a metrics address that cannot be used, and the link to Grafana.</summary>
public sealed class MetricsAddressTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Occupied_or_invalid_address_is_reported_on_one_line_with_the_name_of_the_setting()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://{listener.LocalEndpoint}";

        (await FailToStart("--Metrics:Url", address)).ShouldStartWith(
            $"deploycard: Metrics:Url is {address}, but another program uses that port"
        );
        (
            await FailToStart("--Metrics:Url", "9464", "--Otlp:Endpoint", "collector", "--Tracing:SamplingRatio", "2")
        ).ShouldSatisfyAllConditions(
            line => line.ShouldContain("Metrics:Url is '9464'"),
            line => line.ShouldContain("Otlp:Endpoint"),
            line => line.ShouldContain("Ratio")
        );
        (await FailToStart("--Card:GrafanaUrl", "grafana")).ShouldContain("Card:GrafanaUrl");
    }

    [Fact]
    public async Task Deployment_links_to_its_dashboard_if_Grafana_is_configured()
    {
        var (card, name) = (shared.Card, shared.NewName("shown"));
        await card.Deploy(name, "echo");

        var deployment = await card.Query("query($n: String!) { deployment(name: $n) { grafanaUrl } }", new { n = name }, Cancellation);

        ((string?)deployment["deployment"]!["grafanaUrl"]).ShouldBe(
            $"{AssemblySilo.GrafanaUrl}d/deploycard-deployment?var-deployment={name}"
        );
    }

    /// <summary>Starts a second silo, with separate addresses and storage, and returns its last error line.</summary>
    private async Task<string> FailToStart(params string[] settings)
    {
        var silo = shared.Card.Silo;
        var (exitCode, errors) = await silo.RunToExit(
            Cancellation,
            [
                "--Gateway:Http2Url",
                "",
                "--urls",
                $"http://localhost:{TestPorts.FindFree()}",
                "--Storage:Path",
                Path.Combine(silo.Folder, "metrics", "x.db"),
                .. settings,
            ]
        );

        exitCode.ShouldBe(1, errors);
        return errors.Trim().Split('\n')[^1];
    }
}
