using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Observability;

namespace DeployCard.EndToEnd.Tests.Observability;

public sealed class SamplingTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task By_gRPC_come_only_the_traces_that_are_kept()
    {
        await using var collector = await Collector.Start();
        await using var silo = await SiloProcess.Start(
            Cancellation,
            "--Otlp:Endpoint",
            collector.GrpcEndpoint,
            "--Otlp:Metrics",
            "false",
            "--Tracing:SamplingRatio",
            "0"
        );
        using var card = new Card(silo);
        var key = await card.Deploy("sampled", "echo", new { pods = "1-1" });
        var (kept, left) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));

        using var own = await card.Send(HttpMethod.Get, "/predict/sampled/x", key, cancellationToken: Cancellation);
        using var notSampled = await card.Send(
            HttpMethod.Get,
            "/predict/sampled/x",
            key,
            null,
            Cancellation,
            ("traceparent", $"00-{left}-00f067aa0ba902b7-00")
        );
        using var sampled = await card.Send(
            HttpMethod.Get,
            "/predict/sampled/x",
            key,
            null,
            Cancellation,
            ("traceparent", $"00-{kept}-00f067aa0ba902b7-01")
        );

        (await collector.Trace(kept, all => all.Count >= 2)).Select(span => span.Name).ShouldBe(["forward", "predict sampled"]);
        collector.Spans.ShouldAllBe(span => span.Trace == kept);
        // A pod learns of traces that are not kept, too: it is told that they are not.
        ((string?)(await EchoDeployment.Answer(notSampled))["headers"]!["traceparent"]).ShouldSatisfyAllConditions(
            parent => parent!.ShouldStartWith($"00-{left}-"),
            parent => parent!.ShouldEndWith("-00"),
            parent => parent!.ShouldNotContain("00f067aa0ba902b7")
        );
        collector.Metrics.ShouldBeEmpty();
        await Eventually.Get(() => Task.FromResult(collector.Logs.Count), count => count > 0, Cancellation);
    }

    [Fact]
    public async Task Without_a_collector_a_call_still_tells_the_trace_of_its_caller()
    {
        var (card, name) = (shared.Card, shared.NewName("untraced"));
        var key = await card.Deploy(name, "echo", new { pods = "0-1" });
        var trace = Guid.NewGuid().ToString("N");

        var with = await card.Call(
            $"/predict/{name}/x",
            key,
            new StringContent("x"),
            Cancellation,
            ("traceparent", $"00-{trace}-00f067aa0ba902b7-01")
        );
        var without = await card.Call($"/predict/{name}/x", key, new StringContent("x"), Cancellation);

        ((string?)(await card.CallWith("COMPLETED", with, key, Cancellation))["traceId"]).ShouldBe(trace);
        (await card.CallWith("COMPLETED", without, key, Cancellation))["traceId"].ShouldBeNull();
        using var result = await card.Send(HttpMethod.Get, $"/calls/{with}/result", key, cancellationToken: Cancellation);
        ((string?)(await EchoDeployment.Answer(result))["headers"]!["traceparent"]).ShouldBe($"00-{trace}-00f067aa0ba902b7-01");
    }
}
