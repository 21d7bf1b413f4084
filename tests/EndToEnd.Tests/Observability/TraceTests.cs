using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Observability;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>A real silo, a real pod and a real collector: a trace that a caller starts spans the whole request.</summary>
public sealed class TraceTests(TracedSilo shared) : IClassFixture<TracedSilo>
{
    private const string CallersSpan = "00f067aa0ba902b7";

    private readonly string trace = Guid.NewGuid().ToString("N");
    private readonly string name = shared.NewName("traced");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private (string Name, string Value) Parent => ("traceparent", $"00-{trace}-{CallersSpan}-01");

    [Fact]
    public async Task Prediction_is_a_span_of_the_callers_trace_with_wait_and_forward_as_children()
    {
        var key = await shared.Card.Deploy(name, "echo", new { pods = "0-1" });

        using var response = await shared.Card.Send(
            HttpMethod.Get,
            $"/predict/{name}/x",
            key,
            null,
            Cancellation,
            Parent,
            ("tracestate", "congo=t61rcWkgMzE"),
            ("baggage", "user=alice")
        );
        var headers = (await EchoDeployment.ReadEcho(response))["headers"]!;

        var spans = await shared.Collector.Trace(trace, all => all.Count >= 3);
        var predict = spans.Single(span => span.Name == $"predict {name}");
        predict.Parent.ShouldBe(CallersSpan);
        predict.Tags["http.response.status_code"].ShouldBe("200");
        predict.Tags["deploycard.deployment"].ShouldBe(name);
        var wait = spans.Single(span => span.Name == "wait for a pod");
        wait.Parent.ShouldBe(predict.Id);
        wait.Tags["deploycard.cold_start"].ShouldBe("true");
        var forward = spans.Single(span => span.Name == "forward");
        forward.Parent.ShouldBe(predict.Id);
        forward.Tags["deploycard.pod"].ShouldStartWith(name);
        forward.HasFailed.ShouldBeFalse();
        ((string?)headers["traceparent"]).ShouldBe($"00-{trace}-{forward.Id}-01");
        ((string?)headers["tracestate"]).ShouldBe("congo=t61rcWkgMzE");
        ((string?)headers["baggage"]).ShouldBe("user=alice");
    }

    [Fact]
    public async Task Rejection_and_pod_failure_are_recorded_on_their_spans()
    {
        var key = await shared.Card.Deploy(name, "echo", new { pods = "1-1" });

        using var refused = await shared.Card.Send(HttpMethod.Get, $"/predict/{name}/x", null, null, Cancellation, Parent);
        using var broken = await shared.Card.Send(
            HttpMethod.Post,
            $"/predict/{name}/crash",
            key,
            new StringContent("x"),
            Cancellation,
            Parent
        );

        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var spans = await shared.Collector.Trace(trace, all => all.Count(span => span.Name == $"predict {name}") == 2);
        spans.ShouldContain(span =>
            span.Name == $"predict {name}"
            && span.Tags["http.response.status_code"] == "401"
            && span.Tags["error.type"] == "KEY_MISSING"
            && !span.HasFailed
        );
        spans.ShouldContain(span => span.Name == $"predict {name}" && span.Tags["http.response.status_code"] == "502" && span.HasFailed);
        spans.ShouldContain(span => span.Name == "forward" && span.HasFailed);
    }

    [Fact]
    public async Task Call_attempts_and_callback_belong_to_the_trace_of_the_caller()
    {
        var key = await shared.Card.Deploy(name, "echo", new { pods = "0-1" });
        await shared.Card.Query(
            $$"""mutation { createWebhookSecret(deployment: "{{name}}") { secret } }""",
            cancellationToken: Cancellation
        );

        var id = await shared.Card.Call(
            $"/predict/{name}/status/503",
            key,
            new StringContent("x"),
            Cancellation,
            Parent,
            ("X-Callback-Url", shared.Receiver.UrlOf(name))
        );

        var call = await shared.Card.WaitForCall("ERROR", id, key, Cancellation);
        ((string?)call["traceId"]).ShouldBe(trace);
        ((string?)(await OnTheCard(id))["traceId"]).ShouldBe(trace);
        var spans = await shared.Collector.Trace(trace, all => all.Count >= 6);
        var accepted = spans.Single(span => span.Name == $"predict {name}");
        accepted.Parent.ShouldBe(CallersSpan);
        accepted.Tags["http.response.status_code"].ShouldBe("202");
        accepted.Tags["deploycard.call.id"].ShouldBe(id);
        spans.Except([accepted]).ShouldAllBe(span => span.Parent == accepted.Id && span.Tags["deploycard.call.id"] == id);
        var attempts = spans.Where(span => span.Name == "attempt").OrderBy(span => span.Start).ToList();
        attempts.Select(span => span.Tags["deploycard.attempt"]).ShouldBe(["1", "2"]);
        attempts.ShouldAllBe(span =>
            span.HasFailed && span.Tags["http.response.status_code"] == "503" && span.Tags["deploycard.pod"].StartsWith(name)
        );
        var queued = spans.Where(span => span.Name == "queue").OrderBy(span => span.Start).ToList();
        queued.Count.ShouldBe(2);
        queued.Zip(attempts).ShouldAllBe(both => both.First.End <= both.Second.Start);
        // The second span is the backoff between the attempts.
        (queued[1].End - queued[1].Start).ShouldBeGreaterThan(100_000_000ul);
        spans.Single(span => span.Name == "callback").Tags["http.response.status_code"].ShouldBe("200");
    }

    [Fact]
    public async Task Pod_receives_the_attempt_as_parent_and_a_call_without_caller_trace_starts_one()
    {
        var key = await shared.Card.Deploy(name, "echo", new { pods = "0-1" });

        var id = await shared.Card.Call($"/predict/{name}/x", key, new StringContent("x"), Cancellation);

        var own = (string)(await shared.Card.WaitForCall("COMPLETED", id, key, Cancellation))["traceId"]!;
        using var result = await shared.Card.Send(HttpMethod.Get, $"/calls/{id}/result", key, cancellationToken: Cancellation);
        var headers = (await EchoDeployment.ReadEcho(result))["headers"]!;
        var spans = await shared.Collector.Trace(own, all => all.Count >= 3);
        spans.Single(span => span.Name == $"predict {name}").Parent.ShouldBeEmpty();
        ((string?)headers["traceparent"]).ShouldBe($"00-{own}-{spans.Single(span => span.Name == "attempt").Id}-01");
    }

    [Fact]
    public async Task Metrics_and_logs_are_exported_with_the_header_from_the_file()
    {
        var key = await shared.Card.Deploy(name, "echo", new { pods = "0-1" });
        using var response = await shared.Card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);

        await Eventually.Get(
            () => Task.FromResult((shared.Collector.Metrics, shared.Collector.Logs, shared.Collector.Tenants)),
            exported =>
                exported.Metrics.GetValueOrDefault("deploycard.gateway.request.duration") == "s"
                && exported.Metrics.Keys.Any(metric => metric.StartsWith("orleans", StringComparison.Ordinal))
                && exported.Logs.Any(log => log.Service == "deploycard" && log.Category.StartsWith("DeployCard.", StringComparison.Ordinal))
                && exported.Tenants.Count == 3,
            Cancellation
        );

        shared.Collector.Tenants.Values.ShouldAllBe(tenant => tenant == "models");
        shared.Collector.Logs.ShouldAllBe(log => !log.Text.Contains(key) && !log.Text.Contains(shared.Card.Silo.Token));
    }

    private async Task<JsonNode> OnTheCard(string id) =>
        (await shared.Card.Query("query($id: ID!) { asyncCall(id: $id) { traceId } }", new { id }, Cancellation))["asyncCall"]!;
}
