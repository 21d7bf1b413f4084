using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Where a request came from, as the gateway tells the pod: nobody can say it of himself.</summary>
public sealed class ForwardedTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    [Fact]
    public async Task The_pod_learns_who_asked_how_and_where()
    {
        var headers = await Reached(echo, "");
        ((string?)headers["X-Forwarded-For"]).ShouldBe("127.0.0.1");
        ((string?)headers["X-Forwarded-Proto"]).ShouldBe("http");
        ((string?)headers["X-Forwarded-Host"]).ShouldBe("localhost");
        ((string?)headers["X-Forwarded-Prefix"]).ShouldBe($"/predict/{echo.Name}");
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto", "http")]
    [InlineData("X-Forwarded-Host", "localhost")]
    public async Task What_a_client_says_of_itself_is_replaced(string field, string told)
    {
        var headers = await Reached(echo, $"{field}: 203.0.113.9\r\n{field}: forged\r\n");
        ((string?)headers[field]).ShouldBe(told);
    }

    [Fact]
    public async Task A_prefix_that_a_client_gives_is_replaced() =>
        ((string?)(await Reached(echo, "X-Forwarded-Prefix: /forged\r\n"))["X-Forwarded-Prefix"]).ShouldBe($"/predict/{echo.Name}");

    [Fact]
    public async Task The_pod_learns_the_same_of_an_asynchronous_call()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = await echo.Card.Call(
            echo.At("/x"),
            echo.Key,
            new StringContent("later"),
            cancellation,
            ("X-Forwarded-For", "203.0.113.9")
        );
        await echo.Card.CallWith("COMPLETED", id, echo.Key, cancellation);
        using var response = await echo.Card.Send(HttpMethod.Get, $"/calls/{id}/result", echo.Key, cancellationToken: cancellation);
        var headers = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation))!["headers"]!;
        ((string?)headers["X-Forwarded-For"]).ShouldBe("127.0.0.1");
        ((string?)headers["X-Forwarded-Prefix"]).ShouldBe($"/predict/{echo.Name}");
    }

    [Fact]
    public async Task A_field_Forwarded_of_a_client_does_not_reach_the_pod() =>
        (await Reached(echo, "Forwarded: for=203.0.113.9;host=forged;proto=https\r\n"))["Forwarded"].ShouldBeNull();

    [Fact]
    public async Task A_trace_context_goes_through_as_it_came()
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var headers = await Reached(
            echo,
            $"traceparent: {Parent}\r\ntracestate: congo=t61rcWkgMzE,rojo=00f067aa0ba902b7\r\nbaggage: userId=alice\r\n"
        );
        ((string?)headers["traceparent"]).ShouldBe(Parent);
        ((string?)headers["tracestate"]).ShouldBe("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
        ((string?)headers["baggage"]).ShouldBe("userId=alice");
    }

    [Fact]
    public async Task A_request_id_that_the_pod_repeats_arrives_once()
    {
        using var response = await echo.Send(HttpMethod.Get, "/answer/200?header=X-Request-Id:%20mine-1", null, ("X-Request-Id", "mine-1"));
        response.Headers.GetValues("X-Request-Id").ShouldBe(["mine-1"]);
    }

    [Fact]
    public async Task A_request_id_that_the_pod_makes_up_arrives_once()
    {
        using var response = await echo.Send(
            HttpMethod.Get,
            "/answer/200?header=X-Request-Id:%20the-pods-own",
            null,
            ("X-Request-Id", "mine-1")
        );
        response.Headers.GetValues("X-Request-Id").Count().ShouldBe(1);
    }

    /// <summary>The fields that the pod saw of a request with these.</summary>
    internal static async Task<JsonObject> Reached(EchoDeployment echo, string fields)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("GET", "/x") + fields + "Connection: close\r\n\r\n");
        var answer = await connection.ReadAnswer();
        answer.Status.ShouldBe((int)HttpStatusCode.OK, answer.Body);
        return JsonNode.Parse(answer.Body, new JsonNodeOptions { PropertyNameCaseInsensitive = true })!["headers"]!.AsObject();
    }
}

/// <summary>The same behind a proxy whose word counts.</summary>
[Collection<Apart>]
public sealed class TrustedForwardedTests(ApartSilo apart)
{
    [Fact]
    public async Task The_proxys_own_address_comes_after_those_that_it_tells()
    {
        var headers = await ForwardedTests.Reached(apart.Echo, "X-Forwarded-For: 203.0.113.9, 198.51.100.2\r\n");
        ((string?)headers["X-Forwarded-For"])!
            .Split(',', StringSplitOptions.TrimEntries)
            .ShouldBe(["203.0.113.9", "198.51.100.2", "127.0.0.1"]);
    }

    [Fact]
    public async Task Scheme_and_host_stay_those_of_the_first_client()
    {
        var headers = await ForwardedTests.Reached(apart.Echo, "X-Forwarded-Proto: https\r\nX-Forwarded-Host: models.example\r\n");
        ((string?)headers["X-Forwarded-Proto"]).ShouldBe("https");
        ((string?)headers["X-Forwarded-Host"]).ShouldBe("models.example");
    }

    [Fact]
    public async Task What_the_proxy_does_not_tell_the_gateway_does()
    {
        var headers = await ForwardedTests.Reached(apart.Echo, "");
        ((string?)headers["X-Forwarded-For"]).ShouldBe("127.0.0.1");
        ((string?)headers["X-Forwarded-Proto"]).ShouldBe("http");
        ((string?)headers["X-Forwarded-Host"]).ShouldBe("localhost");
    }
}
