using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>
/// What looks like one request to one server and like two to another is one to both, or none. The gateway is such a server, and so is whatever
/// stands in front of it: also a second request that has a key must not be found where the first one's end is in doubt.
/// </summary>
public sealed class SmugglingTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private readonly EchoDeployment echo = shared.Echo;

    public static TheoryData<string> Names => [.. SmugglingShapes.All.Select(s => Escaped(s.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_smuggled_request_never_reaches_a_pod(string name)
    {
        var number = SmugglingShapes.All.TakeWhile(s => Escaped(s.Name) != name).Count();
        var shape = SmugglingShapes.All[number];
        await using var connection = await echo.Open();
        await connection.Write(Filled(shape.Text, number));

        if (shape.Outcome is Outcome.Incomplete)
            connection.EndWriting();
        var answer = shape.Outcome is Outcome.Once ? await connection.ReadAnswer() : await Answer(connection);
        if (shape.Outcome is Outcome.Once || (shape.Outcome is Outcome.RefusedOrOnce && answer is { Status: 200 }))
            await WasOnce(connection, answer!, Filled(shape.Body, number), number);
        else
            await WasRefused(connection, answer, number);

        // What the pod still had of the first request would come before the next one.
        using var next = await echo.Send(HttpMethod.Get, $"/next/{number}");
        ((string)(await EchoDeployment.Answer(next))["target"]!).ShouldBe($"/next/{number}");
        (await echo.Seen($"/smuggled/{number}")).Began.ShouldBe(0);
        (await echo.Seen(echo.At($"/smuggled/{number}"))).Began.ShouldBe(0);
    }

    [Theory]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello you\r\n0\r\n\r\n")]
    public async Task A_malformed_chunk_is_the_clients_fault_and_not_the_pods(string chunks)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/malformed") + $"X-Request-Id: mine\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        var answer = await connection.ReadAnswer();
        answer.Status.ShouldBe(400, answer.Body);
        answer.Head.ShouldContain("\nX-Request-Id: mine\n");
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello{second}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{second}")]
    [InlineData("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{second}")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello{second}")]
    [InlineData("Content-Length: 0\r\n\r\n{second}")]
    public async Task A_second_answer_of_a_pod_is_no_answer_to_another_request(string fieldsAndBody)
    {
        const string Second = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled";
        using (
            var first = await echo.Send(
                HttpMethod.Get,
                EchoDeployment.Raw("HTTP/1.1 200 OK\r\n" + fieldsAndBody.Replace("{second}", Second))
            )
        )
            (await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("smuggled");

        for (var i = 0; i < 3; i++)
        {
            using var next = await echo.Send(HttpMethod.Get, $"/after/{i}");
            ((string)(await EchoDeployment.Answer(next))["target"]!).ShouldBe($"/after/{i}");
        }
    }

    private async Task WasOnce(RawConnection connection, RawAnswer answer, string body, int number)
    {
        answer.Status.ShouldBe(200, answer.Body);
        ((string)JsonNode.Parse(answer.Body)!["body"]!).ShouldBe(body);
        await echo.SeenWhen($"/shape/{number}", seen => seen.Completed == 1);
        await connection.TryWrite(echo.Head("GET", $"/last/{number}") + "Connection: close\r\n\r\n");
        await connection.ReadToEnd();
    }

    private async Task WasRefused(RawConnection connection, RawAnswer? answer, int number)
    {
        (answer?.Status ?? 400).ShouldBeInRange(400, 599);
        (await connection.ReadToEnd()).ShouldBeEmpty();
        (await echo.Seen($"/shape/{number}")).Completed.ShouldBe(0);
    }

    private static async Task<RawAnswer?> Answer(RawConnection connection)
    {
        try
        {
            return await connection.ReadAnswer();
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    private string Filled(string text, int number)
    {
        var target = echo.At($"/shape/{number}");
        var smuggled = echo.Head("GET", $"/smuggled/{number}") + "\r\n";
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

    /// <summary>A name in which what cannot be seen can be.</summary>
    private static string Escaped(string name) => string.Concat(name.Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\x{(int)c:x2}"));
}
