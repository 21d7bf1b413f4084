using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Limits of requests, rate limits and CORS.</summary>
public sealed class RequestLimitTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const string App = "https://app.example.com";

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deployment_rate_limit_rejects_excess_requests_with_a_retry_delay()
    {
        var name = shared.NewName("rated");
        var key = await card.Deploy(name, "echo", new { requestsPerSecond = 0.01, requestBurst = 2 });
        await Ok(name, key);
        await Ok(name, key);

        using var response = await Get(name, key);

        (await Card.ReadProblem(response, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("TOO_MANY_REQUESTS");
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(100));
        response.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"deployment\";q=2;w=200"]);
        response.Headers.GetValues("RateLimit").Single().ShouldStartWith("\"deployment\";r=0;");
    }

    [Fact]
    public async Task Key_rate_limit_applies_and_is_visible_on_the_card()
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

        (await Card.ReadProblem(response, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("TOO_MANY_REQUESTS");
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
    public async Task Rate_out_of_range_is_rejected()
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
    public async Task Body_above_the_deployments_limit_is_rejected(bool hasLength)
    {
        var name = shared.NewName("small");
        var key = await card.Deploy(name, "echo", new { maxRequestBytes = 1000 });
        using HttpContent body = hasLength ? new ByteArrayContent(new byte[1001]) : new StreamContent(new NoLength(new byte[100_000]));
        using var response = await card.Send(HttpMethod.Post, $"/predict/{name}/count", key, body, Cancellation);
        (await Card.ReadProblem(response, HttpStatusCode.RequestEntityTooLarge, Cancellation)).ShouldBe("BODY_TOO_LARGE");

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
    public async Task Headers_that_are_too_large_are_rejected()
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
    public async Task Page_of_an_allowed_origin_may_read_responses_errors_and_calls()
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

        using var rejection = await Get(name, "dck_wrong", ("Origin", App));
        rejection.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        rejection.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);

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
    public async Task Page_of_another_origin_may_not_read_responses()
    {
        var name = shared.NewName("page");
        var key = await card.Deploy(name, "echo", new { corsOrigins = new[] { App } });
        using var preflight = await Preflight($"/predict/{name}/x", "https://evil.example.com");
        preflight.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        using var answer = await Get(name, key, ("Origin", "https://evil.example.com"));
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Fact]
    public async Task Deployment_without_origins_allows_no_page()
    {
        var name = shared.NewName("page");
        var key = await card.Deploy(name, "echo");
        using var preflight = await Preflight($"/predict/{name}/x", App);
        (await Card.ReadProblem(preflight, HttpStatusCode.Unauthorized, Cancellation)).ShouldBe("KEY_MISSING");
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
