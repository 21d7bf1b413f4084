using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Which header fields go on, in both directions.</summary>
public sealed class ForwardedHeaderTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    [Theory]
    // Not "X-Hop, close" in one line: of that the server keeps the word that it knows alone, and what else was named is not to be seen.
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
    public async Task A_field_that_is_of_one_connection_only_does_not_reach_the_pod(string field, string fields) =>
        (await Reached(fields))[field].ShouldBeNull();

    [Fact]
    public async Task A_field_beside_those_of_the_connection_does_reach_the_pod() =>
        ((string?)(await Reached("Connection: X-Hop\r\nX-Hop: 1\r\nX-Other: 2"))["X-Other"]).ShouldBe("2");

    [Theory]
    [InlineData("X-Hop")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("Upgrade")]
    public async Task A_field_that_is_of_one_connection_only_does_not_reach_the_client(string field)
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.Head(
                "GET",
                EchoDeployment.Raw(
                    "HTTP/1.1 200 OK\r\nConnection: close, X-Hop, Upgrade\r\nUpgrade: h2c\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nX-Hop: 1\r\nX-Other: 2\r\nContent-Length: 2\r\n\r\nok"
                )
            ) + "\r\n"
        );
        var head = (await connection.ReadAnswer()).Head;
        head.ShouldStartWith("HTTP/1.1 200 OK\n");
        head.ShouldContain("\nX-Other: 2\n");
        head.ShouldNotContain($"\n{field}: ");
    }

    [Fact]
    public async Task The_connection_to_the_client_is_not_closed_because_the_pods_is()
    {
        await using var connection = await echo.Open();
        for (var i = 0; i < 2; i++)
        {
            await connection.Write(
                echo.Head("GET", EchoDeployment.Raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")) + "\r\n"
            );
            (await connection.ReadAnswer()).Body.ShouldBe("ok");
        }
    }

    [Fact]
    public async Task What_a_pod_says_of_itself_reaches_the_client()
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
    public async Task The_address_of_a_client_that_another_proxy_notes_goes_on_as_it_is() =>
        ((string?)(await Reached("Connection: close\r\nX-Real-IP: 203.0.113.9"))["X-Real-IP"]).ShouldBe("203.0.113.9");

    /// <summary>The fields, without regard to case, that the pod saw of a request with these.</summary>
    private async Task<JsonObject> Reached(string fields)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("GET", "/x") + fields + "\r\n\r\n");
        var answer = await connection.ReadAnswer();
        answer.Status.ShouldBe((int)HttpStatusCode.OK, answer.Body);
        return JsonNode.Parse(answer.Body, new JsonNodeOptions { PropertyNameCaseInsensitive = true })!["headers"]!.AsObject();
    }
}
