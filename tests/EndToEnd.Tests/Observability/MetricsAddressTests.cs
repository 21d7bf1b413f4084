using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>What a person is told who gives metrics an address that they cannot have.</summary>
public sealed class MetricsAddressTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_that_is_taken_or_none_at_all_is_told_in_one_line_by_the_settings_name()
    {
        var address = $"http://127.0.0.1:{TestPorts.Free()}";
        await using var silo = await SiloProcess.Start(Cancellation, "--Metrics:Url", address);

        (await Fails(silo, "--Metrics:Url", address)).ShouldStartWith($"deploycard: Metrics:Url is {address}, which is taken by another program");
        (await Fails(silo, "--Metrics:Url", "9464", "--Otlp:Endpoint", "collector", "--Tracing:Ratio", "2")).ShouldSatisfyAllConditions(
            line => line.ShouldContain("Metrics:Url is '9464'"), line => line.ShouldContain("Otlp:Endpoint"), line => line.ShouldContain("Ratio"));
        (await Fails(silo, "--Card:GrafanaUrl", "grafana")).ShouldContain("Card:GrafanaUrl");
    }

    [Fact]
    public async Task A_deployment_leads_to_its_dashboard_where_there_is_a_Grafana()
    {
        await using var silo = await SiloProcess.Start(Cancellation, "--Card:GrafanaUrl", "https://grafana.example.org/models/");
        using var card = new Card(silo);
        await card.Deploy("shown", "echo");

        var deployment = await card.Query("""{ deployment(name: "shown") { grafanaUrl } }""", cancellationToken: Cancellation);

        ((string?)deployment["deployment"]!["grafanaUrl"]).ShouldBe("https://grafana.example.org/models/d/deploycard-deployment?var-deployment=shown");
    }

    /// <summary>One more silo, which differs from the first one in all that they cannot share.</summary>
    private static async Task<string> Fails(SiloProcess silo, params string[] settings)
    {
        var (exitCode, errors) = await silo.RunToEnd(
            Cancellation, ["--urls", $"http://localhost:{TestPorts.Free()}", "--Storage:Path", Path.Combine(silo.Folder, "other", "deploycard.db"), .. settings]);

        exitCode.ShouldBe(1, errors);
        return errors.Trim().Split('\n')[^1];
    }
}
