using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Predictions through the gateway of a real silo to real pods.</summary>
public sealed class GatewayTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private const string TwoFlowers = """{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}""";

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task First_prediction_starts_a_pod_and_the_next_one_uses_it()
    {
        var name = shared.NewName("iris");
        var key = await card.Deploy(name, "iris");

        using var cold = await card.Send(HttpMethod.Post, $"/predict/{name}/v1/models/iris:predict", key, Json(TwoFlowers), Cancellation);
        (await cold.Content.ReadAsStringAsync(Cancellation)).ShouldBe("""{"predictions":[1,1]}""");
        cold.Headers.GetValues("X-DeployCard-Cold-Start").ShouldBe(["true"]);

        using var warm = await card.Send(HttpMethod.Post, $"/predict/{name}/v1/models/iris:predict", key, Json(TwoFlowers), Cancellation);
        (await warm.Content.ReadAsStringAsync(Cancellation)).ShouldBe("""{"predictions":[1,1]}""");
        warm.Headers.Contains("X-DeployCard-Cold-Start").ShouldBeFalse();
        (await card.WaitForDeployment("READY", name, Cancellation))["pods"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Open_inference_protocol_is_supported()
    {
        var name = shared.NewName("iris");
        var key = await card.Deploy(name, "iris");
        var body = """{"inputs":[{"name":"measures","datatype":"FP32","shape":[1,4],"data":[5.1,3.5,1.4,0.2]}]}""";

        using var response = await card.Send(HttpMethod.Post, $"/predict/{name}/v2/models/{name}/infer", key, Json(body), Cancellation);

        var outputs = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["outputs"]!.AsArray();
        ((int)outputs.Single(o => (string)o!["name"]! == "predictions")!["data"]![0]!).ShouldBe(0);
    }

    [Theory]
    [InlineData("/a/b%2Fc/d%20e?x=1&y=%C3%A4&z=a+b")]
    [InlineData("/")]
    [InlineData("/v1/models/%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C:predict")]
    [InlineData("/?only=query")]
    public async Task Request_target_reaches_the_pod_unchanged(string target)
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}{target}", key, cancellationToken: Cancellation);
        ((string)(await Echoed(response))["target"]!).ShouldBe(target);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("REPORT")]
    public async Task Any_method_reaches_the_pod_with_its_body(string method)
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        using var response = await card.Send(
            new HttpMethod(method),
            $"/predict/{name}/x",
            key,
            new StringContent("body of the request"),
            Cancellation
        );
        var request = await Echoed(response);
        ((string)request["method"]!).ShouldBe(method);
        ((string)request["body"]!).ShouldBe("body of the request");
    }

    [Fact]
    public async Task Pod_receives_other_credentials_but_not_the_key()
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        using var asHeader = await card.Send(
            HttpMethod.Get,
            $"/predict/{name}/x",
            key,
            cancellationToken: Cancellation,
            headers: ("Authorization", "Basic b3duOm93bg==")
        );
        using var asBearer = await card.Send(
            HttpMethod.Get,
            $"/predict/{name}/x",
            null,
            cancellationToken: Cancellation,
            headers: ("Authorization", $"Bearer {key}")
        );

        var (first, second) = (await Echoed(asHeader), await Echoed(asBearer));

        first.ToJsonString().ShouldNotContain(key);
        second.ToJsonString().ShouldNotContain(key);
        ((string)first["headers"]!["Authorization"]!).ShouldBe("Basic b3duOm93bg==");
        second["headers"]!["Authorization"].ShouldBeNull();
    }

    [Fact]
    public async Task Request_id_of_the_client_is_kept_and_a_missing_one_is_generated()
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        using var without = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        using var with = await card.Send(
            HttpMethod.Get,
            $"/predict/{name}/x",
            key,
            cancellationToken: Cancellation,
            headers: ("X-Request-Id", "mine-1")
        );

        var generated = without.Headers.GetValues("X-Request-Id").Single();
        ((string)(await Echoed(without))["headers"]!["X-Request-Id"]!).ShouldBe(generated);
        generated.Length.ShouldBe(32);
        ((string)(await Echoed(with))["headers"]!["X-Request-Id"]!).ShouldBe("mine-1");
    }

    [Fact]
    public async Task Missing_invalid_and_foreign_keys_are_rejected_with_different_codes()
    {
        var (name, key) = await Echo();
        var other = await card.Deploy(shared.NewName("other"), "echo");

        (await Rejection(name, null)).ShouldBe((401, "KEY_MISSING"));
        (await Rejection(name, key[..^1] + (key[^1] == 'A' ? 'B' : 'A'))).ShouldBe((401, "KEY_INVALID"));
        (await Rejection(name, "anything")).ShouldBe((401, "KEY_INVALID"));
        (await Rejection(name, other)).ShouldBe((403, "KEY_FORBIDDEN"));
        (await Rejection("unknown-deployment", key)).ShouldBe((404, "DEPLOYMENT_NOT_FOUND"));
        (await Rejection("Not_A_Name", key)).ShouldBe((404, "DEPLOYMENT_NOT_FOUND"));
    }

    [Fact]
    public async Task Revoked_key_is_rejected_as_soon_as_the_mutation_returns()
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        (await Ok(name, key)).ShouldBeTrue();
        var (id, second) = await card.CreateKey(name, Cancellation);
        (await Ok(name, second)).ShouldBeTrue();

        await card.Query("mutation($id: ID!) { revokeKey(id: $id) { key { revokedAt } errors { message } } }", new { id }, Cancellation);

        (await Rejection(name, second)).ShouldBe((401, "KEY_INVALID"));
        (await Ok(name, key)).ShouldBeTrue();
    }

    [Fact]
    public async Task Expired_key_is_rejected()
    {
        var name = shared.Echo.Name;
        var (_, secret) = await card.CreateKey(name, Cancellation, TimeProvider.System.GetUtcNow().AddSeconds(2));
        (await Ok(name, secret)).ShouldBeTrue();
        await Eventually.Get(() => Ok(name, secret), ok => !ok, Cancellation);
        (await Rejection(name, secret)).ShouldBe((401, "KEY_INVALID"));
    }

    [Fact]
    public async Task Stopped_deployment_rejects_requests_and_serves_after_it_is_started()
    {
        var (name, key) = await Echo();
        (await Ok(name, key)).ShouldBeTrue();

        await card.Query("mutation($n: String!) { stopDeployment(name: $n) { errors { message } } }", new { n = name }, Cancellation);
        (await Rejection(name, key)).ShouldBe((409, "DEPLOYMENT_STOPPED"));

        await card.Query("mutation($n: String!) { startDeployment(name: $n) { errors { message } } }", new { n = name }, Cancellation);
        (await Ok(name, key)).ShouldBeTrue();
    }

    [Fact]
    public async Task Timeout_of_a_slow_pod_suggests_an_asynchronous_call()
    {
        var name = shared.NewName("slow");
        var key = await card.Deploy(name, "echo", new { requestTimeout = "PT1S" });
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/slow?ms=60000", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(response, HttpStatusCode.GatewayTimeout, Cancellation)).ShouldBe("REQUEST_TIMEOUT");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain("X-Async-Request");
    }

    [Fact]
    public async Task Full_queue_rejects_immediately_with_Retry_After()
    {
        var name = shared.NewName("full");
        var key = await card.Deploy(name, "echo", new { queueLength = 0 });
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(response, HttpStatusCode.ServiceUnavailable, Cancellation)).ShouldBe("QUEUE_FULL");
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task Requests_above_the_concurrency_limit_wait_and_succeed()
    {
        var name = shared.NewName("narrow");
        var key = await card.Deploy(name, "echo", new { concurrency = 1, pods = "0-1" });
        var statuses = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async _ =>
                {
                    using var response = await card.Send(
                        HttpMethod.Get,
                        $"/predict/{name}/slow?ms=50",
                        key,
                        cancellationToken: Cancellation
                    );
                    return response.StatusCode;
                })
        );
        statuses.ShouldAllBe(status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Failing_pod_reports_its_error_to_waiting_requests_and_keeps_its_log()
    {
        var name = shared.NewName("broken");
        var environment = new[] { new { name = "FAIL_AT_START", value = "the model file is missing" } };
        var key = await card.Deploy(name, "echo", new { environment });

        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(response, HttpStatusCode.ServiceUnavailable, Cancellation)).ShouldBe("POD_FAILED");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain("the model file is missing");

        var deployment = await card.WaitForDeployment("FAILED", name, Cancellation);
        ((int)deployment["failure"]!["exitCode"]!).ShouldBe(7);
        deployment["failure"]!["lastLines"]!.AsArray().Select(l => (string)l!).ShouldContain("the model file is missing");
        var restarted = await Eventually.Get(
            () => card.WaitForDeployment("FAILED", name, Cancellation),
            d => (int?)d["pods"]?.AsArray().FirstOrDefault()?["restarts"] >= 1,
            Cancellation
        );
        restarted["pods"]!.AsArray().Count.ShouldBe(1);
        (await Logs(name)).ShouldContain("the model file is missing");
    }

    [Fact]
    public async Task Crashed_pod_is_restarted()
    {
        var (name, key) = await Echo();
        (await Ok(name, key)).ShouldBeTrue();
        using var crash = await card.Send(HttpMethod.Post, $"/predict/{name}/crash", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(crash, HttpStatusCode.BadGateway, Cancellation)).ShouldBe("POD_CONNECTION_FAILED");
        var again = await Eventually.Get(
            () => card.WaitForDeployment("READY", name, Cancellation),
            d => (int?)d["pods"]![0]!["restarts"] == 1,
            Cancellation
        );
        ((int)again["pods"]![0]!["exitCode"]!).ShouldBe(3);
        (await Ok(name, key)).ShouldBeTrue();
    }

    [Fact]
    public async Task Each_event_of_a_stream_arrives_before_the_next_one_is_sent()
    {
        var (name, key) = await Echo();
        (await Ok(name, key)).ShouldBeTrue();
        var opening = card.Send(HttpMethod.Get, $"/predict/{name}/events?count=3", key, cancellationToken: Cancellation);
        StreamReader? events = null;
        for (var i = 0; i < 3; i++)
        {
            // The pod sends one event per tick, so this event arrives before the next event exists.
            using (await card.Send(HttpMethod.Post, $"/predict/{name}/tick", key, cancellationToken: Cancellation))
                events ??= new(await (await opening).Content.ReadAsStreamAsync(Cancellation));
            (await events.ReadLineAsync(Cancellation)).ShouldBe($"data: {i}");
            (await events.ReadLineAsync(Cancellation)).ShouldBe("");
        }

        (await events!.ReadLineAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task WebSocket_messages_pass_in_both_directions()
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-API-Key", key);
        await socket.ConnectAsync(new Uri($"ws://localhost:{card.Silo.Port}/predict/{name}/ws"), Cancellation);
        var buffer = new byte[100];
        for (var i = 0; i < 3; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"hello {i}"), WebSocketMessageType.Text, true, Cancellation);
            var message = await socket.ReceiveAsync(buffer.AsMemory(), Cancellation);
            Encoding.UTF8.GetString(buffer, 0, message.Count).ShouldBe($"hello {i}");
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task Large_upload_succeeds()
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        using var response = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/count",
            key,
            new ByteArrayContent(new byte[50 << 20]),
            Cancellation
        );
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe($"{50 << 20}");
    }

    [Fact]
    public async Task Update_to_a_new_revision_causes_no_failed_request()
    {
        var name = shared.NewName("rolling");
        var key = await card.Deploy(name, "echo", new { pods = "1-2" });
        await card.WaitForDeployment("READY", name, Cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var clients = Enumerable.Range(0, 4).Select(_ => SendUntil(name, key, end.Token)).ToList();

        await card.Query(
            "mutation($i: UpdateDeploymentInput!) { updateDeployment(input: $i) { errors { message } } }",
            new { i = new { name, configuration = new { environment = new[] { new { name = "VERSION", value = "2" } } } } },
            Cancellation
        );
        await Eventually.Get(
            () => card.WaitForDeployment("READY", name, Cancellation),
            d => d["pods"]!.AsArray().Count == 1 && (int)d["pods"]![0]!["revision"]! == 2 && (string)d["pods"]![0]!["phase"]! == "READY",
            Cancellation
        );
        await end.CancelAsync();

        var statuses = (await Task.WhenAll(clients)).SelectMany(s => s).ToList();
        statuses.Count.ShouldBeGreaterThan(50);
        statuses.ShouldAllBe(status => status == HttpStatusCode.OK);
    }

    private async Task<List<HttpStatusCode>> SendUntil(string name, string key, CancellationToken end)
    {
        var statuses = new List<HttpStatusCode>();
        while (!end.IsCancellationRequested)
        {
            using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/slow?ms=2", key, cancellationToken: Cancellation);
            statuses.Add(response.StatusCode);
        }

        return statuses;
    }

    private async Task<(string Name, string Key)> Echo()
    {
        var name = shared.NewName("echo");
        return (name, await card.Deploy(name, "echo"));
    }

    private async Task<bool> Ok(string name, string key)
    {
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/status/200", key, cancellationToken: Cancellation);
        return response.StatusCode == HttpStatusCode.OK;
    }

    private async Task<(int Status, string Code)> Rejection(string name, string? key)
    {
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        return ((int)response.StatusCode, await Card.ReadProblem(response, response.StatusCode, Cancellation));
    }

    private async Task<string> Logs(string name) =>
        (string)
            (await card.Query("query($n: String!) { deployment(name: $n) { logText } }", new { n = name }, Cancellation))["deployment"]![
                "logText"
            ]!;

    private static async Task<JsonNode> Echoed(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
