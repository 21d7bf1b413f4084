using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests;

/// <summary>What the card shows of a deployment's traffic: every request, once, also after the silo was started again.</summary>
public sealed class MonitoringTests : IAsyncLifetime
{
    private const string Name = "watched";
    private SiloProcess silo = null!;
    private Card card = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        silo = await SiloProcess.Start(
            Cancellation,
            "--Monitoring:ReportInterval",
            "00:00:01",
            "--Monitoring:FlushInterval",
            "00:00:01",
            "--Monitoring:SampleInterval",
            "00:00:01"
        );
        card = new(silo);
    }

    public async ValueTask DisposeAsync()
    {
        card.Dispose();
        await silo.DisposeAsync();
    }

    [Fact]
    public async Task Requests_of_each_class_are_shown_exactly_and_outlive_restarts_kills_and_the_deployments_deletion()
    {
        var key = await card.Deploy(Name, "echo", new { pods = "1-1" });
        await card.DeploymentWith("READY", Name, Cancellation);
        foreach (var (path, count) in new[] { ("/self", 5), ("/status/404", 3), ("/status/500", 2) })
        {
            for (var i = 0; i < count; i++)
                await Send(path, key);
        }

        for (var i = 0; i < 4; i++)
            await Send("/self", null);
        var call = await card.Call($"/predict/{Name}/self", key, new StringContent("x"), Cancellation);
        await card.CallWith("COMPLETED", call, key, Cancellation);
        await Exactly(14, "5 3 2 4 0", asyncAttempts: 1);
        await PodIsMeasured();

        (await silo.Interrupt(Cancellation)).ShouldBe(0);
        await silo.Run(Cancellation);
        await Exactly(14, "5 3 2 4 0", asyncAttempts: 1);

        await card.DeploymentWith("READY", Name, Cancellation);
        await Send("/self", key);
        await Exactly(15, "6 3 2 4 0", asyncAttempts: 1);
        await Stored();
        await silo.Kill(Cancellation);
        await silo.Run(Cancellation);
        await Exactly(15, "6 3 2 4 0", asyncAttempts: 1);

        await card.Query("mutation($n: String!) { deleteDeployment(name: $n) { errors { message } } }", new { n = Name }, Cancellation);
        await Exactly(15, "6 3 2 4 0", asyncAttempts: 1);
    }

    [Fact]
    public async Task The_running_minute_is_watched_over_a_websocket_from_the_present_state_on()
    {
        var key = await card.Deploy(Name, "echo");
        await using var socket = await GraphQLSocket.Connect(silo, Cancellation);
        await socket.Subscribe(
            "points",
            $"subscription {{ monitoringPoints(deployment: \"{Name}\", last: 15) {{ points {{ requests coldStarts latency {{ p99 }} }} }} }}",
            Cancellation
        );
        await socket.Until("points", d => Points(d).Sum(p => (long)p["requests"]!) == 0 && Points(d).Count == 15, Cancellation);

        await Send("/self", key);

        await socket.Until(
            "points",
            d =>
                Points(d).Sum(p => (long)p["requests"]!) == 1
                && Points(d).Sum(p => (long)p["coldStarts"]!) == 1
                && Points(d).Exists(p => p["latency"] is { } latency && (double)latency["p99"]! > 0),
            Cancellation
        );

        static List<JsonNode> Points(JsonNode data) => [.. data["monitoringPoints"]!["points"]!.AsArray().OfType<JsonNode>()];
    }

    private async Task Send(string path, string? key)
    {
        using var response = await card.Send(HttpMethod.Get, $"/predict/{Name}{path}", key, cancellationToken: Cancellation);
        await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldNotBe(HttpStatusCode.ServiceUnavailable);
    }

    private async Task Exactly(long requests, string classes, long asyncAttempts)
    {
        var points = await Eventually.Get(
            Points,
            all => Sum(all, "requests") == requests && Sum(all, "asyncAttempts") == asyncAttempts,
            Cancellation
        );
        string.Join(' ', new[] { "succeeded", "clientErrors", "serverErrors", "refused", "failed" }.Select(name => Sum(points, name)))
            .ShouldBe(classes);
        Sum(points, "asyncAccepted").ShouldBe(asyncAttempts);
        Sum(points, "bytesOut").ShouldBeGreaterThan(0);
    }

    /// <summary>The pod is measured every second, so what is stored changes each time: the second change has all that was seen before.</summary>
    private async Task Stored()
    {
        for (var changes = 0; changes < 2; changes++)
        {
            var before = await Blocks();
            await Eventually.Get(Blocks, now => now != before, Cancellation);
        }
    }

    private async Task<string> Blocks() =>
        string.Join(' ', await DatabaseLock.Read(silo, "SELECT hex(payload) FROM MonitorBlock ORDER BY firstMinute", Cancellation));

    /// <summary>What a pod takes is measured from its start on, so the first of it may be of a pod that is not ready yet.</summary>
    private Task PodIsMeasured() =>
        Eventually.Get(
            async () => (await Monitoring("pods { name points { isReady cores memoryBytes } }"))["pods"]!.AsArray(),
            all =>
                all.Count == 1
                && all[0]!["points"]!
                    .AsArray()
                    .Any(p => p!["cores"] is not null && (bool)p["isReady"]! && p["memoryBytes"] is { } memory && (long)memory > 1 << 20),
            Cancellation
        );

    private async Task<List<JsonNode>> Points() =>
        [
            .. (
                await Monitoring(
                    "points { requests succeeded clientErrors serverErrors rejected failed asyncAccepted asyncAttempts bytesOut }"
                )
            )["points"]!
                .AsArray()
                .OfType<JsonNode>(),
        ];

    private async Task<JsonNode> Monitoring(string fields) =>
        (
            await card.Query(
                $"query($n: String!) {{ deployment(name: $n) {{ monitoring {{ {fields} }} }} }}",
                new { n = Name },
                Cancellation
            )
        )["deployment"]!["monitoring"]!;

    private static long Sum(IEnumerable<JsonNode> points, string field) => points.Sum(point => (long)point[field]!);
}

/// <summary>What may be asked of it.</summary>
public sealed class MonitoringQueryTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_that_is_none_is_refused_in_words()
    {
        var (card, name) = (shared.Card, shared.NewName("watched"));
        await card.Deploy(name, "echo");

        var (_, answer) = await card.Ask(
            $"{{ deployment(name: \"{name}\") {{ monitoring(step: \"PT90S\") {{ step }} }} }}",
            null,
            card.Silo.Token,
            Cancellation
        );

        var error = answer["errors"]![0]!;
        ((string)error["extensions"]!["code"]!).ShouldBe("INVALID");
        ((string)error["message"]!).ShouldContain("whole minutes");
    }
}
