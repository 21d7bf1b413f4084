using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Forwarding headers that describe the client to the pod. A client cannot forge them.</summary>
public sealed class ForwardingHeaderTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    [Fact]
    public async Task Pod_gets_the_clients_address_scheme_host_and_prefix()
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
    public async Task Forwarding_header_of_a_client_is_replaced(string header, string expected)
    {
        var headers = await Reached(echo, $"{header}: 203.0.113.9\r\n{header}: forged\r\n");
        ((string?)headers[header]).ShouldBe(expected);
    }

    [Fact]
    public async Task Prefix_header_of_a_client_is_replaced() =>
        ((string?)(await Reached(echo, "X-Forwarded-Prefix: /forged\r\n"))["X-Forwarded-Prefix"]).ShouldBe($"/predict/{echo.Name}");

    [Fact]
    public async Task Pod_gets_the_same_headers_for_an_async_call()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = await echo.Card.Call(
            echo.PathOf("/x"),
            echo.Key,
            new StringContent("later"),
            cancellation,
            ("X-Forwarded-For", "203.0.113.9")
        );
        await echo.Card.WaitForCall("COMPLETED", id, echo.Key, cancellation);
        using var response = await echo.Card.Send(HttpMethod.Get, $"/calls/{id}/result", echo.Key, cancellationToken: cancellation);
        var headers = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation))!["headers"]!;
        ((string?)headers["X-Forwarded-For"]).ShouldBe("127.0.0.1");
        ((string?)headers["X-Forwarded-Prefix"]).ShouldBe($"/predict/{echo.Name}");
    }

    [Fact]
    public async Task Forwarded_header_of_a_client_does_not_reach_the_pod() =>
        (await Reached(echo, "Forwarded: for=203.0.113.9;host=forged;proto=https\r\n"))["Forwarded"].ShouldBeNull();

    [Fact]
    public async Task Trace_context_is_forwarded_unchanged()
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
    public async Task Request_id_repeated_by_the_pod_arrives_once()
    {
        using var response = await echo.Send(HttpMethod.Get, "/answer/200?header=X-Request-Id:%20mine-1", null, ("X-Request-Id", "mine-1"));
        response.Headers.GetValues("X-Request-Id").ShouldBe(["mine-1"]);
    }

    [Fact]
    public async Task Request_id_generated_by_the_pod_arrives_once()
    {
        using var response = await echo.Send(
            HttpMethod.Get,
            "/answer/200?header=X-Request-Id:%20the-pods-own",
            null,
            ("X-Request-Id", "mine-1")
        );
        response.Headers.GetValues("X-Request-Id").Count().ShouldBe(1);
    }

    /// <summary>Sends a request with the given headers and returns the headers that the pod received.</summary>
    internal static async Task<JsonObject> Reached(EchoDeployment echo, string headerLines)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("GET", "/x") + headerLines + "Connection: close\r\n\r\n");
        var answer = await connection.ReadResponse();
        answer.Status.ShouldBe((int)HttpStatusCode.OK, answer.Body);
        return JsonNode.Parse(answer.Body, new JsonNodeOptions { PropertyNameCaseInsensitive = true })!["headers"]!.AsObject();
    }
}

/// <summary>The same headers behind a trusted proxy.</summary>
[Collection<Isolated>]
public sealed class TrustedForwardingHeaderTests(IsolatedSilo apart)
{
    [Fact]
    public async Task Address_of_the_proxy_is_appended_to_X_Forwarded_For()
    {
        var headers = await ForwardingHeaderTests.Reached(apart.Echo, "X-Forwarded-For: 203.0.113.9, 198.51.100.2\r\n");
        ((string?)headers["X-Forwarded-For"])!
            .Split(',', StringSplitOptions.TrimEntries)
            .ShouldBe(["203.0.113.9", "198.51.100.2", "127.0.0.1"]);
    }

    [Fact]
    public async Task Scheme_and_host_of_the_original_client_are_kept()
    {
        var headers = await ForwardingHeaderTests.Reached(apart.Echo, "X-Forwarded-Proto: https\r\nX-Forwarded-Host: models.example\r\n");
        ((string?)headers["X-Forwarded-Proto"]).ShouldBe("https");
        ((string?)headers["X-Forwarded-Host"]).ShouldBe("models.example");
    }

    [Fact]
    public async Task Header_missing_from_the_proxy_is_set_by_the_gateway()
    {
        var headers = await ForwardingHeaderTests.Reached(apart.Echo, "");
        ((string?)headers["X-Forwarded-For"]).ShouldBe("127.0.0.1");
        ((string?)headers["X-Forwarded-Proto"]).ShouldBe("http");
        ((string?)headers["X-Forwarded-Host"]).ShouldBe("localhost");
    }
}
