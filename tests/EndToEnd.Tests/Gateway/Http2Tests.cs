using System.Net;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>HTTP/2 clients and HTTP/1.1 pods.</summary>
public sealed class Http2Tests(SharedSilo shared, AssemblySilo assembly) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_over_HTTP_2_succeeds()
    {
        using var client = assembly.CreateHttp2Client();
        using var response = await client.SendAsync(await Request(HttpMethod.Post, "/reverse", new StringContent("hello")), Cancellation);
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("olleh");
        response.Version.ShouldBe(HttpVersion.Version20);
    }

    [Fact]
    public async Task Trailers_of_the_pod_reach_the_client()
    {
        var answer =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n5\r\nhello\r\n"
            + "0\r\nX-Sum: 5\r\n\r\n";
        using var client = assembly.CreateHttp2Client();
        using var response = await client.SendAsync(await Request(HttpMethod.Get, EchoDeployment.RawResponsePath(answer)), Cancellation);
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("hello");
        response.TrailingHeaders.GetValues("X-Sum").ShouldBe(["5"]);
    }

    [Fact]
    public async Task Stream_reset_by_the_client_aborts_the_pods_request()
    {
        var echo = await EchoDeployment.Start(shared, new { pods = "1-1" });
        using var client = assembly.CreateHttp2Client();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var waiting = client.SendAsync(Request(echo, HttpMethod.Get, "/hold/reset"), end.Token);
        await echo.WaitForCounts("/hold/reset", seen => seen.Began == 1);

        await end.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await echo.WaitForCounts("/hold/reset", seen => seen.Aborted == 1);
    }

    private async Task<HttpRequestMessage> Request(HttpMethod method, string path, HttpContent? body = null) =>
        Request(await EchoDeployment.Start(shared, new { pods = "1-1" }), method, path, body);

    private static HttpRequestMessage Request(EchoDeployment echo, HttpMethod method, string path, HttpContent? body = null) =>
        new(method, echo.PathOf(path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
            Headers = { { "X-API-Key", echo.Key } },
        };
}
