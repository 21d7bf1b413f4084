using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Bounds of requests, rates, and what browsers are told.</summary>
public sealed class RefusalTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const string App = "https://app.example.com";

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deployment_lets_so_many_requests_through_and_tells_when_to_come_again()
    {
        var name = shared.NewName("rated");
        var key = await card.Deploy(name, "echo", new { requestsPerSecond = 0.01, requestBurst = 2 });
        await Ok(name, key);
        await Ok(name, key);

        using var response = await Get(name, key);

        (await Card.Problem(response, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("TOO_MANY_REQUESTS");
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(100));
        response.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"deployment\";q=2;w=200"]);
        response.Headers.GetValues("RateLimit").Single().ShouldStartWith("\"deployment\";r=0;");
    }

    [Fact]
    public async Task A_key_has_a_rate_of_its_own_and_the_card_shows_it()
    {
        var name = shared.NewName("rated");
        var free = await card.Deploy(name, "echo");
        var made = await card.Query(
            "mutation($i: CreateKeyInput!) { createKey(input: $i) { secret key { requestsPerSecond requestBurst } errors { message } } }",
            new
            {
                i = new
                {
                    deployment = name,
                    name = "slow",
                    requestsPerSecond = 0.01,
                    requestBurst = 1,
                },
            },
            Cancellation
        );
        var key = (string)made["createKey"]!["secret"]!;
        ((double)made["createKey"]!["key"]!["requestsPerSecond"]!).ShouldBe(0.01);

        await Ok(name, key);
        using var response = await Get(name, key);

        (await Card.Problem(response, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("TOO_MANY_REQUESTS");
        await Ok(name, free);
        var listed = await card.Query(
            "query($n: String!) { deployment(name: $n) { keys { name requestsPerSecond requestBurst } } }",
            new { n = name },
            Cancellation
        );
        var slow = listed["deployment"]!["keys"]!.AsArray().Single(k => (string)k!["name"]! == "slow")!;
        ((double)slow["requestsPerSecond"]!).ShouldBe(0.01);
        ((int)slow["requestBurst"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_rate_out_of_its_range_is_refused()
    {
        var name = shared.NewName("rated");
        await card.Deploy(name, "echo");
        var made = await card.Query(
            "mutation($i: CreateKeyInput!) { createKey(input: $i) { errors { field message } } }",
            new
            {
                i = new
                {
                    deployment = name,
                    name = "odd",
                    requestsPerSecond = -1,
                },
            },
            Cancellation
        );
        ((string)made["createKey"]!["errors"]![0]!["field"]!).ShouldBe("requestsPerSecond");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_above_the_deployments_bound_is_refused(bool hasLength)
    {
        var name = shared.NewName("small");
        var key = await card.Deploy(name, "echo", new { maxRequestBytes = 1000 });
        using HttpContent body = hasLength ? new ByteArrayContent(new byte[1001]) : new StreamContent(new NoLength(new byte[100_000]));
        using var response = await card.Send(HttpMethod.Post, $"/predict/{name}/count", key, body, Cancellation);
        (await Card.Problem(response, HttpStatusCode.RequestEntityTooLarge, Cancellation)).ShouldBe("BODY_TOO_LARGE");

        using var fits = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/count",
            key,
            new ByteArrayContent(new byte[1000]),
            Cancellation
        );
        (await fits.Content.ReadAsStringAsync(Cancellation)).ShouldBe("1000");
    }

    [Fact]
    public async Task A_head_that_is_too_large_is_refused()
    {
        var (name, key) = (shared.NewName("any"), "dck_x");
        using var response = await card.Send(
            HttpMethod.Get,
            $"/predict/{name}/x",
            key,
            cancellationToken: Cancellation,
            headers: ("X-Large", new string('x', 40_000))
        );
        response.StatusCode.ShouldBe(HttpStatusCode.RequestHeaderFieldsTooLarge);
    }

    [Fact]
    public async Task A_page_of_an_origin_that_is_named_may_call_and_read_also_errors_and_calls()
    {
        var name = shared.NewName("page");
        var key = await card.Deploy(name, "echo", new { corsOrigins = new[] { App } });

        using var preflight = await Preflight($"/predict/{name}/x", App);
        preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);
        preflight.Headers.GetValues("Access-Control-Allow-Headers").Single().ShouldContain("x-api-key");

        using var answer = await Get(name, key, ("Origin", App));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);

        using var refusal = await Get(name, "dck_wrong", ("Origin", App));
        refusal.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refusal.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);

        using var call = await Get(name, key, ("Origin", App), ("X-Async-Request", "true"));
        call.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        call.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Location");
        var id = (string)(await call.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["id"]!;
        using var ofCall = await Preflight($"/calls/{id}", App);
        ofCall.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var status = await card.Send(HttpMethod.Get, $"/calls/{id}", key, cancellationToken: Cancellation, headers: ("Origin", App));
        status.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);
    }

    [Fact]
    public async Task Pages_of_other_origins_may_not()
    {
        var name = shared.NewName("page");
        var key = await card.Deploy(name, "echo", new { corsOrigins = new[] { App } });
        using var preflight = await Preflight($"/predict/{name}/x", "https://evil.example.com");
        preflight.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        using var answer = await Get(name, key, ("Origin", "https://evil.example.com"));
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Fact]
    public async Task Without_an_origin_in_the_configuration_none_may()
    {
        var name = shared.NewName("page");
        var key = await card.Deploy(name, "echo");
        using var preflight = await Preflight($"/predict/{name}/x", App);
        (await Card.Problem(preflight, HttpStatusCode.Unauthorized, Cancellation)).ShouldBe("KEY_MISSING");
        using var answer = await Get(name, key, ("Origin", App));
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    private Task<HttpResponseMessage> Get(string name, string key, params (string, string)[] headers) =>
        card.Send(HttpMethod.Get, $"/predict/{name}/status/200", key, cancellationToken: Cancellation, headers: headers);

    private Task<HttpResponseMessage> Preflight(string path, string origin) =>
        card.Send(
            HttpMethod.Options,
            path,
            null,
            cancellationToken: Cancellation,
            headers:
            [
                ("Origin", origin),
                ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "x-api-key,content-type"),
            ]
        );

    private async Task Ok(string name, string key)
    {
        using var response = await Get(name, key);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private sealed class NoLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
