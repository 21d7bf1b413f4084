using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>A request's body and its answer pass at the same time, neither waits for the other.</summary>
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

    [Fact]
    public async Task The_pod_answers_each_chunk_while_the_client_still_sends()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/stream/echo") + "Transfer-Encoding: chunked\r\n\r\n");
        await connection.WriteChunk("chunk 0");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadChunk()).ShouldBe("chunk 0");
        for (var i = 1; i < 3; i++)
        {
            await connection.WriteChunk($"chunk {i}");
            (await connection.ReadChunk()).ShouldBe($"chunk {i}");
        }

        await connection.WriteChunk("");
        (await connection.ReadChunk()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(401)]
    [InlineData(413)]
    public async Task An_early_answer_of_the_pod_arrives_while_the_body_is_still_to_come(int code)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", $"/early/{code}") + "Content-Length: 1000000\r\n\r\n");
        (await connection.ReadHead()).ShouldStartWith($"HTTP/1.1 {code} ");
    }

    /// <summary>Audio, for one, comes with pauses.</summary>
    [Fact]
    public async Task A_client_that_pauses_in_its_body_is_not_cut_off()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/count/pause") + "Content-Length: 10\r\n\r\nhello");
        // What the server by itself grants, five seconds, is over when this answers.
        using (var slow = await echo.Send(HttpMethod.Get, "/slow?ms=8000"))
            (await slow.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("slept");
        await connection.Write("again");
        var answer = await connection.ReadAnswer();
        answer.Status.ShouldBe(200, answer.Body);
        answer.Body.ShouldBe("10");
    }
}
