using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Forwarding of headers in both directions.</summary>
public sealed class HeaderForwardingTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    [Theory]
    // Not "X-Hop, close" in one line: Kestrel keeps only the option it knows and hides the other names of that line.
    [InlineData("X-Hop", "Connection: X-Hop\r\nX-Hop: 1")]
    [InlineData("x-HOP", "Connection: keep-alive, X-Hop\r\nConnection: close\r\nX-Hop: 1\r\nX-HOP: 2")]
    [InlineData("Connection", "Connection: close")]
    [InlineData("Keep-Alive", "Connection: close\r\nKeep-Alive: timeout=5")]
    [InlineData("Proxy-Connection", "Connection: close\r\nProxy-Connection: keep-alive")]
    [InlineData("Proxy-Authorization", "Connection: close\r\nProxy-Authorization: Basic b3duOm93bg==")]
    [InlineData("TE", "Connection: close, TE\r\nTE: gzip")]
    [InlineData("TE", "Connection: close\r\nTE: gzip, deflate;q=0.5")]
    [InlineData("Upgrade", "Connection: close, Upgrade\r\nUpgrade: h2c")]
    [InlineData("HTTP2-Settings", "Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")]
    public async Task Hop_by_hop_header_does_not_reach_the_pod(string header, string headers) =>
        (await Reached(headers))[header].ShouldBeNull();

    [Fact]
    public async Task End_to_end_header_reaches_the_pod() =>
        ((string?)(await Reached("Connection: X-Hop\r\nX-Hop: 1\r\nX-Other: 2"))["X-Other"]).ShouldBe("2");

    [Theory]
    [InlineData("X-Hop")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("Upgrade")]
    public async Task Hop_by_hop_header_does_not_reach_the_client(string header)
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.RequestHead(
                "GET",
                EchoDeployment.RawResponsePath(
                    "HTTP/1.1 200 OK\r\nConnection: close, X-Hop, Upgrade\r\nUpgrade: h2c\r\nKeep-Alive: timeout=5\r\n"
                        + "Proxy-Connection: close\r\nX-Hop: 1\r\nX-Other: 2\r\nContent-Length: 2\r\n\r\nok"
                )
            ) + "\r\n"
        );
        var head = (await connection.ReadResponse()).Head;
        head.ShouldStartWith("HTTP/1.1 200 OK\n");
        head.ShouldContain("\nX-Other: 2\n");
        head.ShouldNotContain($"\n{header}: ");
    }

    [Fact]
    public async Task Client_connection_stays_open_when_the_pod_closes_its_connection()
    {
        await using var connection = await echo.Open();
        for (var i = 0; i < 2; i++)
        {
            await connection.Write(
                echo.RequestHead(
                    "GET",
                    EchoDeployment.RawResponsePath("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
                ) + "\r\n"
            );
            (await connection.ReadResponse()).Body.ShouldBe("ok");
        }
    }

    [Fact]
    public async Task Server_headers_of_the_pod_reach_the_client()
    {
        using var response = await echo.Send(
            HttpMethod.Get,
            "/answer/200?header=Server:%20model%2F1&header=Via:%201.1%20inner&header=WWW-Authenticate:%20Own"
        );
        response.Headers.GetValues("Server").ShouldBe(["model/1"]);
        response.Headers.GetValues("Via").ShouldBe(["1.1 inner"]);
        response.Headers.GetValues("WWW-Authenticate").ShouldBe(["Own"]);
    }

    [Fact]
    public async Task X_Real_IP_is_forwarded_unchanged() =>
        ((string?)(await Reached("Connection: close\r\nX-Real-IP: 203.0.113.9"))["X-Real-IP"]).ShouldBe("203.0.113.9");

    /// <summary>Sends a request with the given headers and returns the headers that the pod received, by case-insensitive name.</summary>
    private async Task<JsonObject> Reached(string headers)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("GET", "/x") + headers + "\r\n\r\n");
        var answer = await connection.ReadResponse();
        answer.Status.ShouldBe((int)HttpStatusCode.OK, answer.Body);
        return JsonNode.Parse(answer.Body, new JsonNodeOptions { PropertyNameCaseInsensitive = true })!["headers"]!.AsObject();
    }
}
