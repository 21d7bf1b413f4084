using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Crash;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Traffic of a deployment on the card: every request is counted once, even if the silo restarts.</summary>
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
    public async Task Request_counts_are_exact_and_survive_restart_kill_and_deletion_of_the_deployment()
    {
        var key = await card.Deploy(Name, "echo", new { pods = "1-1" });
        await card.WaitForDeployment("READY", Name, Cancellation);
        foreach (var (path, count) in new[] { ("/self", 5), ("/status/404", 3), ("/status/500", 2) })
        {
            for (var i = 0; i < count; i++)
                await Send(path, key);
        }

        for (var i = 0; i < 4; i++)
            await Send("/self", null);
        var call = await card.Call($"/predict/{Name}/self", key, new StringContent("x"), Cancellation);
        await card.WaitForCall("COMPLETED", call, key, Cancellation);
        await Exactly(14, "5 3 2 4 0", asyncAttempts: 1);
        await PodIsMeasured();

        (await silo.Interrupt(Cancellation)).ShouldBe(0);
        await silo.Run(Cancellation);
        await Exactly(14, "5 3 2 4 0", asyncAttempts: 1);

        await card.WaitForDeployment("READY", Name, Cancellation);
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
    public async Task Subscription_starts_with_the_current_points_and_updates_the_current_minute()
    {
        var key = await card.Deploy(Name, "echo");
        await using var socket = await GraphQLSocket.Connect(silo, Cancellation);
        await socket.Subscribe(
            "points",
            $"subscription {{ monitoringChanged(deployment: \"{Name}\", minutes: 15) "
                + "{ points { requests coldStarts latency { p99 } } } }",
            Cancellation
        );
        await socket.WaitFor("points", d => Points(d).Sum(p => (long)p["requests"]!) == 0 && Points(d).Count == 15, Cancellation);

        await Send("/self", key);

        await socket.WaitFor(
            "points",
            d =>
                Points(d).Sum(p => (long)p["requests"]!) == 1
                && Points(d).Sum(p => (long)p["coldStarts"]!) == 1
                && Points(d).Exists(p => p["latency"] is { } latency && (double)latency["p99"]! > 0),
            Cancellation
        );

        static List<JsonNode> Points(JsonNode data) => [.. data["monitoringChanged"]!["points"]!.AsArray().OfType<JsonNode>()];
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
        string.Join(' ', new[] { "succeeded", "clientErrors", "serverErrors", "rejected", "failed" }.Select(name => Sum(points, name)))
            .ShouldBe(classes);
        Sum(points, "asyncAccepted").ShouldBe(asyncAttempts);
        Sum(points, "bytesOut").ShouldBeGreaterThan(0);
    }

    /// <summary>
    /// Waits until everything seen so far is stored. The pod is measured every second, so the stored data changes every second; the second
    /// change includes all earlier data.
    /// </summary>
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

    /// <summary>
    /// Waits for a measurement of the ready pod. Pods are measured from their start, so the first measurements may be of a pod that is not
    /// ready yet.
    /// </summary>
    private Task PodIsMeasured() =>
        Eventually.Get(
            async () => (await Monitoring("pods { name points { isReady cores maxMemoryBytes } }"))["pods"]!.AsArray(),
            all =>
                all.Count == 1
                && all[0]!["points"]!
                    .AsArray()
                    .Any(p =>
                        p!["cores"] is not null && (bool)p["isReady"]! && p["maxMemoryBytes"] is { } memory && (long)memory > 1 << 20
                    ),
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

/// <summary>Arguments of the query for the traffic of a deployment.</summary>
public sealed class MonitoringQueryTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invalid_step_is_rejected_with_the_allowed_values()
    {
        var (card, name) = (shared.Card, shared.NewName("watched"));
        await card.Deploy(name, "echo");

        var (_, response) = await card.Execute(
            $"{{ deployment(name: \"{name}\") {{ monitoring(step: \"PT90S\") {{ step }} }} }}",
            null,
            card.Silo.Token,
            Cancellation
        );

        var error = response["errors"]![0]!;
        ((string)error["extensions"]!["code"]!).ShouldBe("INVALID_INPUT");
        ((string)error["message"]!).ShouldContain("whole number of minutes");
    }
}
