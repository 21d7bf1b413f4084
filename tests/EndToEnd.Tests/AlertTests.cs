using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Alerts of a pod that responds with errors: on the card, in subscriptions and among the events.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private const string Name = "alerted";
    private SiloProcess silo = null!;
    private Card card = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        silo = await SiloProcess.Start(
            Cancellation,
            "--Monitoring:ReportInterval",
            "00:00:01",
            "--Alerts:EvaluationInterval",
            "00:00:01",
            "--Alerts:KeepFiringFor",
            "00:00:02",
            "--Alerts:MaxErrorRatio",
            "0.5",
            "--Alerts:ErrorRatioWindow",
            "00:30:00",
            "--Alerts:ErrorRatioFor",
            "00:00:02"
        );
        card = new(silo);
    }

    public async ValueTask DisposeAsync()
    {
        card.Dispose();
        await silo.DisposeAsync();
    }

    [Fact]
    public async Task Errors_of_a_pod_fire_an_alert_that_survives_a_restart_and_resolves_after_recovery()
    {
        var key = await card.Deploy(Name, "echo", new { pods = "1-1" });
        await card.WaitForDeployment("READY", Name, Cancellation);
        await using (var socket = await GraphQLSocket.Connect(silo, Cancellation))
        {
            await Subscribe(socket);
            await socket.WaitFor("alerts", data => Alerts(data).Count == 0, Cancellation);
            await Send("/status/500", key, 3);
            await socket.WaitFor("alerts", data => Alerts(data) is [var one] && (string)one["rule"]! == "ERROR_RATIO", Cancellation);
        }

        var alert = (await Firing()).ShouldHaveSingleItem();
        ((string)alert["severity"]!, (double)alert["value"]!, (double)alert["threshold"]!).ShouldBe(("CRITICAL", 1, 0.5));
        ((string)alert["message"]!).ShouldBe("Error ratio 100 % over 30 min, limit 50 %.");
        ((string)alert["runbook"]!).ShouldBe("docs/observability.md#deploycarderrorratio");
        (await Eventually.Get(Events, events => events.Count == 1, Cancellation)).ShouldBe([
            "ALERT_FIRING Error ratio 100 % over 30 min, limit 50 %.",
        ]);
        (await Listed(true), await Listed(false)).ShouldBe((1, 0));

        (await silo.Interrupt(Cancellation)).ShouldBe(0);
        await silo.Run(Cancellation);
        ((string)(await Firing()).ShouldHaveSingleItem()["since"]!).ShouldBe((string)alert["since"]!);
        await card.WaitForDeployment("READY", Name, Cancellation);
        await using (var socket = await GraphQLSocket.Connect(silo, Cancellation))
        {
            await Subscribe(socket);
            await socket.WaitFor("alerts", data => Alerts(data).Count == 1, Cancellation);
            await Send("/self", key, 9);
            await socket.WaitFor("alerts", data => Alerts(data).Count == 0, Cancellation);
        }

        (await Firing()).ShouldBeEmpty();
        (await Eventually.Get(Events, events => events.Count == 2, Cancellation))[0].ShouldStartWith("ALERT_RESOLVED Resolved after ");
        (await Listed(true), await Listed(false)).ShouldBe((0, 1));
    }

    private static Task Subscribe(GraphQLSocket socket) =>
        socket.Subscribe(
            "alerts",
            $"subscription {{ alertsChanged(deployment: \"{Name}\") {{ deployment alerts {{ rule }} }} }}",
            Cancellation
        );

    private static List<JsonNode> Alerts(JsonNode data) => [.. data["alertsChanged"]!["alerts"]!.AsArray().OfType<JsonNode>()];

    private async Task Send(string path, string key, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await card.Send(HttpMethod.Get, $"/predict/{Name}{path}", key, cancellationToken: Cancellation);
            await response.Content.ReadAsStringAsync(Cancellation);
        }
    }

    private async Task<List<JsonNode>> Firing() =>
        [.. (await Deployment("alerts { rule severity since value threshold message runbook }"))["alerts"]!.AsArray().OfType<JsonNode>()];

    private async Task<List<string>> Events() =>
        [
            .. (await Deployment("events { kind message }"))["events"]!
                .AsArray()
                .Select(e => $"{e!["kind"]} {e["message"]}")
                .Where(e => e.StartsWith("ALERT_", StringComparison.Ordinal)),
        ];

    private async Task<JsonNode> Deployment(string fields) =>
        (await card.Query($"query($n: String!) {{ deployment(name: $n) {{ {fields} }} }}", new { n = Name }, Cancellation))["deployment"]!;

    private async Task<int> Listed(bool hasAlerts) =>
        (int)
            (
                await card.Query(
                    "query($has: Boolean) { deployments(filter: { hasAlerts: $has }) { totalCount } }",
                    new { has = hasAlerts },
                    Cancellation
                )
            )["deployments"]!["totalCount"]!;
}
