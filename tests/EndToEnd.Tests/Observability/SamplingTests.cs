using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Observability;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

public sealed class SamplingTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_sampled_traces_are_exported_over_gRPC()
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
        var (kept, dropped) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));

        using var own = await card.Send(HttpMethod.Get, "/predict/sampled/x", key, cancellationToken: Cancellation);
        using var notSampled = await card.Send(
            HttpMethod.Get,
            "/predict/sampled/x",
            key,
            null,
            Cancellation,
            ("traceparent", $"00-{dropped}-00f067aa0ba902b7-00")
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
        // The pod also receives the context of a trace that is not sampled, with the flag "not sampled".
        ((string?)(await EchoDeployment.ReadEcho(notSampled))["headers"]!["traceparent"]).ShouldSatisfyAllConditions(
            parent => parent!.ShouldStartWith($"00-{dropped}-"),
            parent => parent!.ShouldEndWith("-00"),
            parent => parent!.ShouldNotContain("00f067aa0ba902b7")
        );
        collector.Metrics.ShouldBeEmpty();
        await Eventually.Get(() => Task.FromResult(collector.Logs.Count), count => count > 0, Cancellation);
    }

    [Fact]
    public async Task Call_without_a_collector_still_shows_and_forwards_the_trace_of_its_caller()
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

        ((string?)(await card.WaitForCall("COMPLETED", with, key, Cancellation))["traceId"]).ShouldBe(trace);
        (await card.WaitForCall("COMPLETED", without, key, Cancellation))["traceId"].ShouldBeNull();
        using var result = await card.Send(HttpMethod.Get, $"/calls/{with}/result", key, cancellationToken: Cancellation);
        ((string?)(await EchoDeployment.ReadEcho(result))["headers"]!["traceparent"]).ShouldBe($"00-{trace}-00f067aa0ba902b7-01");
    }
}
