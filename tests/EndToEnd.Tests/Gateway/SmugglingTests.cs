using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>
/// Request smuggling: bytes that some servers read as one request and others as two. The gateway must treat them as one request or reject
/// them. A proxy in front of the gateway may disagree with the gateway about the end of a request. Even a smuggled request with a valid key
/// must therefore not be processed.
/// </summary>
public sealed class SmugglingTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    public static TheoryData<string> Names => [.. SmugglingShapes.All.Select(s => Escaped(s.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Smuggled_request_never_reaches_a_pod(string name)
    {
        var number = SmugglingShapes.All.TakeWhile(s => Escaped(s.Name) != name).Count();
        var shape = SmugglingShapes.All[number];
        await using var connection = await echo.Open();
        await connection.Write(Filled(shape.Text, number));

        if (shape.Outcome is Outcome.Incomplete)
            connection.ShutdownSend();
        var response = shape.Outcome is Outcome.Once ? await connection.ReadResponse() : await Answer(connection);
        if (shape.Outcome is Outcome.Once || (shape.Outcome is Outcome.RejectedOrOnce && response is { Status: 200 }))
            await WasOnce(connection, response!, Filled(shape.Body, number), number);
        else
            await WasRefused(connection, response, number);

        // Bytes of the first request that are left at the pod would arrive before the next request.
        using var next = await echo.Send(HttpMethod.Get, $"/next/{number}");
        ((string)(await EchoDeployment.ReadEcho(next))["target"]!).ShouldBe($"/next/{number}");
        (await echo.GetCounts($"/smuggled/{number}")).Began.ShouldBe(0);
        (await echo.GetCounts(echo.PathOf($"/smuggled/{number}"))).Began.ShouldBe(0);
    }

    [Theory]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello you\r\n0\r\n\r\n")]
    public async Task Malformed_chunk_yields_400(string chunks)
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.RequestHead("POST", "/malformed") + $"X-Request-Id: mine\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"
        );
        var response = await connection.ReadResponse();
        response.Status.ShouldBe(400, response.Body);
        response.Head.ShouldContain("\nX-Request-Id: mine\n");
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello{second}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{second}")]
    [InlineData("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{second}")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello{second}")]
    [InlineData("Content-Length: 0\r\n\r\n{second}")]
    public async Task Second_response_of_a_pod_is_not_used_for_another_request(string headersAndBody)
    {
        const string Second = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled";
        using (
            var first = await echo.Send(
                HttpMethod.Get,
                EchoDeployment.RawResponsePath("HTTP/1.1 200 OK\r\n" + headersAndBody.Replace("{second}", Second))
            )
        )
            (await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("smuggled");

        for (var i = 0; i < 3; i++)
        {
            using var next = await echo.Send(HttpMethod.Get, $"/after/{i}");
            ((string)(await EchoDeployment.ReadEcho(next))["target"]!).ShouldBe($"/after/{i}");
        }
    }

    private async Task WasOnce(RawConnection connection, RawResponse response, string body, int number)
    {
        response.Status.ShouldBe(200, response.Body);
        ((string)JsonNode.Parse(response.Body)!["body"]!).ShouldBe(body);
        await echo.WaitForCounts($"/shape/{number}", seen => seen.Completed == 1);
        await connection.TryWrite(echo.RequestHead("GET", $"/last/{number}") + "Connection: close\r\n\r\n");
        await connection.ReadToEnd();
    }

    private async Task WasRefused(RawConnection connection, RawResponse? response, int number)
    {
        (response?.Status ?? 400).ShouldBeInRange(400, 599);
        (await connection.ReadToEnd()).ShouldBeEmpty();
        (await echo.GetCounts($"/shape/{number}")).Completed.ShouldBe(0);
    }

    private static async Task<RawResponse?> Answer(RawConnection connection)
    {
        try
        {
            return await connection.ReadResponse();
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    private string Filled(string text, int number)
    {
        var target = echo.PathOf($"/shape/{number}");
        var smuggled = echo.RequestHead("GET", $"/smuggled/{number}") + "\r\n";
        var filled = text.Replace("{start}", $"POST {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {echo.Key}\r\n")
            .Replace("{target}", target)
            .Replace("{key}", echo.Key)
            .Replace("{number}", $"{number}")
            .Replace("{chunk}", $"{smuggled.Length:x}\r\n{smuggled}\r\n")
            .Replace("{smuggled}", smuggled)
            .Replace("{bare}", $"GET /smuggled/{number} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var body = filled.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        return filled.Replace("{length}", $"{filled.Length - body}");
    }

    /// <summary>Escapes the invisible characters of a name.</summary>
    private static string Escaped(string name) => string.Concat(name.Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\x{(int)c:x2}"));
}
