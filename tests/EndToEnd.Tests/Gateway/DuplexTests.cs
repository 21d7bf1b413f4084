using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Request bodies that are forwarded while the client is still sending.</summary>
public sealed class DuplexTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    [Fact]
    public async Task Each_chunk_of_a_body_reaches_the_pod_while_the_client_is_still_sending()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", "/count/chunks") + "Transfer-Encoding: chunked\r\n\r\n");
        for (var i = 1; i <= 3; i++)
        {
            await connection.WriteChunk("chunk");
            await echo.WaitForCounts("/count/chunks", seen => seen.Received == i * 5);
        }

        await connection.WriteChunk("");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadChunk()).ShouldBe("15");
    }

    /// <summary>
    /// Without the expectation, the response would start only after the end of the body: over HTTP/1.1, .NET's client sends the whole
    /// request before it reads the response.
    /// </summary>
    [Theory]
    [InlineData(401)]
    [InlineData(413)]
    public async Task Client_with_100_continue_gets_the_pods_rejection_without_sending_its_body(int code)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", $"/early/{code}") + "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
        (await connection.ReadHead()).ShouldStartWith($"HTTP/1.1 {code} ");
    }

    /// <summary>A body may contain pauses, for example an audio stream.</summary>
    [Fact]
    public async Task Pause_in_a_streamed_body_does_not_abort_the_request()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", "/count/pause") + "Transfer-Encoding: chunked\r\n\r\n");
        await connection.WriteChunk("hello");
        // This request takes longer than Kestrel's default grace period of five seconds.
        using (var slow = await echo.Send(HttpMethod.Get, "/slow?ms=8000"))
            (await slow.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("slept");
        await connection.WriteChunk("again");
        await connection.WriteChunk("");
        var response = await connection.ReadResponse();
        response.Status.ShouldBe(200, response.Body);
        response.Body.ShouldBe("10");
    }

    [Fact]
    public async Task Slow_body_of_declared_length_yields_408()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", "/count/slow") + "Content-Length: 10\r\n\r\nhello");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 408 ");
    }
}
