using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Predictions through the gateway of a real silo, with real pods.</summary>
public sealed class GatewayTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private const string TwoFlowers = """{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}""";

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_prediction_starts_a_pod_and_the_next_one_finds_it()
    {
        var name = shared.NewName("iris");
        var key = await card.Deploy(name, "iris");

        using var cold = await card.Send(HttpMethod.Post, $"/predict/{name}/v1/models/iris:predict", key, Json(TwoFlowers), Cancellation);
        (await cold.Content.ReadAsStringAsync(Cancellation)).ShouldBe("""{"predictions":[1,1]}""");
        cold.Headers.GetValues("X-DeployCard-Cold-Start").ShouldBe(["true"]);

        using var warm = await card.Send(HttpMethod.Post, $"/predict/{name}/v1/models/iris:predict", key, Json(TwoFlowers), Cancellation);
        (await warm.Content.ReadAsStringAsync(Cancellation)).ShouldBe("""{"predictions":[1,1]}""");
        warm.Headers.Contains("X-DeployCard-Cold-Start").ShouldBeFalse();
        (await card.DeploymentWith("READY", name, Cancellation))["pods"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_open_inference_protocol_passes_too()
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
    public async Task A_target_reaches_the_pod_as_it_was_written(string target)
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}{target}", key, cancellationToken: Cancellation);
        ((string)(await Answer(response))["target"]!).ShouldBe(target);
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
            new StringContent("body of it"),
            Cancellation
        );
        var answer = await Answer(response);
        ((string)answer["method"]!).ShouldBe(method);
        ((string)answer["body"]!).ShouldBe("body of it");
    }

    [Fact]
    public async Task The_key_never_reaches_the_pod_and_what_is_the_models_own_does()
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

        var (first, second) = (await Answer(asHeader), await Answer(asBearer));

        first.ToJsonString().ShouldNotContain(key);
        second.ToJsonString().ShouldNotContain(key);
        ((string)first["headers"]!["Authorization"]!).ShouldBe("Basic b3duOm93bg==");
        second["headers"]!["Authorization"].ShouldBeNull();
    }

    [Fact]
    public async Task A_request_id_is_made_where_none_is_given_and_kept_where_one_is()
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

        var made = without.Headers.GetValues("X-Request-Id").Single();
        ((string)(await Answer(without))["headers"]!["X-Request-Id"]!).ShouldBe(made);
        made.Length.ShouldBe(32);
        ((string)(await Answer(with))["headers"]!["X-Request-Id"]!).ShouldBe("mine-1");
    }

    [Fact]
    public async Task A_wrong_key_is_refused_by_its_kind()
    {
        var (name, key) = await Echo();
        var other = await card.Deploy(shared.NewName("other"), "echo");

        (await Refusal(name, null)).ShouldBe((401, "KEY_MISSING"));
        (await Refusal(name, key[..^1] + (key[^1] == 'A' ? 'B' : 'A'))).ShouldBe((401, "KEY_INVALID"));
        (await Refusal(name, "anything")).ShouldBe((401, "KEY_INVALID"));
        (await Refusal(name, other)).ShouldBe((403, "KEY_FORBIDDEN"));
        (await Refusal("nobody-has-this-name", key)).ShouldBe((404, "DEPLOYMENT_NOT_FOUND"));
        (await Refusal("Not_A_Name", key)).ShouldBe((404, "DEPLOYMENT_NOT_FOUND"));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_as_soon_as_revoking_it_returns()
    {
        var (name, key) = (shared.Echo.Name, shared.Echo.Key);
        (await Ok(name, key)).ShouldBeTrue();
        var (id, second) = await card.CreateKey(name, Cancellation);
        (await Ok(name, second)).ShouldBeTrue();

        await card.Query("mutation($id: ID!) { revokeKey(id: $id) { key { revokedAt } errors { message } } }", new { id }, Cancellation);

        (await Refusal(name, second)).ShouldBe((401, "KEY_INVALID"));
        (await Ok(name, key)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_expired_key_is_refused()
    {
        var name = shared.Echo.Name;
        var (_, secret) = await card.CreateKey(name, Cancellation, TimeProvider.System.GetUtcNow().AddSeconds(2));
        (await Ok(name, secret)).ShouldBeTrue();
        await Eventually.Get(() => Ok(name, secret), ok => !ok, Cancellation);
        (await Refusal(name, secret)).ShouldBe((401, "KEY_INVALID"));
    }

    [Fact]
    public async Task A_stopped_deployment_refuses_and_a_started_one_serves_again()
    {
        var (name, key) = await Echo();
        (await Ok(name, key)).ShouldBeTrue();

        await card.Query("mutation($n: String!) { stopDeployment(name: $n) { errors { message } } }", new { n = name }, Cancellation);
        (await Refusal(name, key)).ShouldBe((409, "DEPLOYMENT_STOPPED"));

        await card.Query("mutation($n: String!) { startDeployment(name: $n) { errors { message } } }", new { n = name }, Cancellation);
        (await Ok(name, key)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_slow_pod_ends_in_a_gateway_timeout_that_names_the_other_way()
    {
        var name = shared.NewName("slow");
        var key = await card.Deploy(name, "echo", new { requestTimeout = "PT1S" });
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/slow?ms=60000", key, cancellationToken: Cancellation);
        (await Card.Problem(response, HttpStatusCode.GatewayTimeout, Cancellation)).ShouldBe("REQUEST_TIMEOUT");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain("X-Async-Request");
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_says_when_to_come_back()
    {
        var name = shared.NewName("full");
        var key = await card.Deploy(name, "echo", new { queueLength = 0 });
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        (await Card.Problem(response, HttpStatusCode.ServiceUnavailable, Cancellation)).ShouldBe("QUEUE_FULL");
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_limit_of_concurrency_is_held_and_those_who_wait_come_in()
    {
        var name = shared.NewName("narrow");
        var key = await card.Deploy(name, "echo", new { concurrency = 1, pods = "0-1" });
        var answers = await Task.WhenAll(
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
        answers.ShouldAllBe(status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_pod_that_cannot_start_tells_those_who_wait_why_and_keeps_its_log()
    {
        var name = shared.NewName("broken");
        var environment = new[] { new { name = "FAIL_AT_START", value = "the model file is missing" } };
        var key = await card.Deploy(name, "echo", new { environment });

        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        (await Card.Problem(response, HttpStatusCode.ServiceUnavailable, Cancellation)).ShouldBe("POD_FAILED");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain("the model file is missing");

        var deployment = await card.DeploymentWith("FAILED", name, Cancellation);
        ((int)deployment["failure"]!["exitCode"]!).ShouldBe(7);
        deployment["failure"]!["lastLines"]!.AsArray().Select(l => (string)l!).ShouldContain("the model file is missing");
        var restarted = await Eventually.Get(
            () => card.DeploymentWith("FAILED", name, Cancellation),
            d => (int?)d["pods"]?.AsArray().FirstOrDefault()?["restarts"] >= 1,
            Cancellation
        );
        restarted["pods"]!.AsArray().Count.ShouldBe(1);
        (await Logs(name)).ShouldContain("the model file is missing");
    }

    [Fact]
    public async Task A_pod_that_crashes_is_started_again()
    {
        var (name, key) = await Echo();
        (await Ok(name, key)).ShouldBeTrue();
        using var crash = await card.Send(HttpMethod.Post, $"/predict/{name}/crash", key, cancellationToken: Cancellation);
        (await Card.Problem(crash, HttpStatusCode.BadGateway, Cancellation)).ShouldBe("POD_CONNECTION_FAILED");
        var again = await Eventually.Get(
            () => card.DeploymentWith("READY", name, Cancellation),
            d => (int?)d["pods"]![0]!["restarts"] == 1,
            Cancellation
        );
        ((int)again["pods"]![0]!["exitCode"]!).ShouldBe(3);
        (await Ok(name, key)).ShouldBeTrue();
    }

    [Fact]
    public async Task Each_event_of_a_stream_arrives_when_it_is_sent()
    {
        var (name, key) = await Echo();
        (await Ok(name, key)).ShouldBeTrue();
        var opening = card.Send(HttpMethod.Get, $"/predict/{name}/events?count=3", key, cancellationToken: Cancellation);
        StreamReader? events = null;
        for (var i = 0; i < 3; i++)
        {
            // The pod sends an event only when it is told to: this one has come before the next one exists.
            using (await card.Send(HttpMethod.Post, $"/predict/{name}/tick", key, cancellationToken: Cancellation))
                events ??= new(await (await opening).Content.ReadAsStreamAsync(Cancellation));
            (await events.ReadLineAsync(Cancellation)).ShouldBe($"data: {i}");
            (await events.ReadLineAsync(Cancellation)).ShouldBe("");
        }

        (await events!.ReadLineAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task A_websocket_passes_both_ways()
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
    public async Task A_large_upload_passes_without_a_bound()
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
    public async Task A_new_revision_takes_over_without_a_failed_request()
    {
        var name = shared.NewName("rolling");
        var key = await card.Deploy(name, "echo", new { pods = "1-2" });
        await card.DeploymentWith("READY", name, Cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var clients = Enumerable.Range(0, 4).Select(_ => Keep(name, key, end.Token)).ToList();

        await card.Query(
            "mutation($i: UpdateDeploymentInput!) { updateDeployment(input: $i) { errors { message } } }",
            new { i = new { name, configuration = new { environment = new[] { new { name = "VERSION", value = "2" } } } } },
            Cancellation
        );
        await Eventually.Get(
            () => card.DeploymentWith("READY", name, Cancellation),
            d => d["pods"]!.AsArray().Count == 1 && (int)d["pods"]![0]!["revision"]! == 2 && (string)d["pods"]![0]!["phase"]! == "READY",
            Cancellation
        );
        await end.CancelAsync();

        var statuses = (await Task.WhenAll(clients)).SelectMany(s => s).ToList();
        statuses.Count.ShouldBeGreaterThan(50);
        statuses.ShouldAllBe(status => status == HttpStatusCode.OK);
    }

    private async Task<List<HttpStatusCode>> Keep(string name, string key, CancellationToken end)
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

    private async Task<(int Status, string Code)> Refusal(string name, string? key)
    {
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        return ((int)response.StatusCode, await Card.Problem(response, response.StatusCode, Cancellation));
    }

    private async Task<string> Logs(string name) =>
        (string)
            (await card.Query("query($n: String!) { deployment(name: $n) { logText } }", new { n = name }, Cancellation))["deployment"]![
                "logText"
            ]!;

    private static async Task<JsonNode> Answer(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
