using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>A request's body passes in the time that its client takes.</summary>
public sealed class DuplexTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    [Fact]
    public async Task Each_chunk_of_a_body_reaches_the_pod_while_the_client_still_sends()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/count/chunks") + "Transfer-Encoding: chunked\r\n\r\n");
        for (var i = 1; i <= 3; i++)
        {
            await connection.WriteChunk("chunk");
            await echo.SeenWhen("/count/chunks", seen => seen.Received == i * 5);
        }

        await connection.WriteChunk("");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadChunk()).ShouldBe("15");
    }

    /// <summary>Without it the answer begins when the body has ended: over HTTP/1.1 the client of .NET sends first and listens then.</summary>
    [Theory]
    [InlineData(401)]
    [InlineData(413)]
    public async Task A_client_that_asks_first_gets_the_pods_refusal_without_sending_its_body(int code)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", $"/early/{code}") + "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
        (await connection.ReadHead()).ShouldStartWith($"HTTP/1.1 {code} ");
    }

    /// <summary>Audio, for one, comes with pauses.</summary>
    [Fact]
    public async Task A_client_that_pauses_in_its_body_is_not_cut_off()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/count/pause") + "Transfer-Encoding: chunked\r\n\r\n");
        await connection.WriteChunk("hello");
        // What the server by itself grants, five seconds, is over when this answers.
        using (var slow = await echo.Send(HttpMethod.Get, "/slow?ms=8000"))
            (await slow.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("slept");
        await connection.WriteChunk("again");
        await connection.WriteChunk("");
        var answer = await connection.ReadAnswer();
        answer.Status.ShouldBe(200, answer.Body);
        answer.Body.ShouldBe("10");
    }

    [Fact]
    public async Task A_client_that_is_slow_to_send_what_it_promised_is_told_so()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/count/slow") + "Content-Length: 10\r\n\r\nhello");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 408 ");
    }
}
