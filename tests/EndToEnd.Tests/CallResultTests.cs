using System.Net;
using System.Text.Json.Nodes;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Requests for an accepted call: its status, waiting for its end, its result or parts of it, and its cancellation.</summary>
public sealed class CallResultTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private const string App = "https://app.example.com";

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "COMPLETED")]
    [InlineData("/result", "piece 0\n")]
    [InlineData("/result.json", "cGllY2UgMAo=")]
    public async Task Waiting_request_gets_its_response_when_the_call_has_ended(string resource, string expected)
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/pieces?count=1");
        using var early = await Get(echo, id + resource, ("Prefer", "wait=0"));
        early.Headers.GetValues("Preference-Applied").ShouldBe(["wait=0"]);
        if (resource.Length > 0)
            (await Card.ReadProblem(early, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_NOT_COMPLETED");
        var waiting = Get(echo, id + resource, ("Prefer", "respond-async, wait=100"));

        await echo.Tick();

        using var response = await waiting;
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("Preference-Applied").ShouldBe(["wait=60"]);
        response.Headers.Vary.ShouldContain("Prefer");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain(expected);
    }

    [Fact]
    public async Task Invalid_wait_preference_is_ignored()
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/hold/odd");

        using var response = await Get(echo, id, ("Prefer", "wait=soon"));

        response.Headers.Contains("Preference-Applied").ShouldBeFalse();
        ((string)(await Json(response))["status"]!).ShouldBe("QUEUED");
    }

    [Fact]
    public async Task Waiting_request_gets_its_response_immediately_when_the_silo_stops()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        using var own = new Card(silo);
        var key = await own.Deploy("echo", "echo");
        using var accepted = await own.Send(
            HttpMethod.Get,
            "/predict/echo/hold/x",
            key,
            cancellationToken: Cancellation,
            headers: ("X-Async-Request", "true")
        );
        var id = (string)(await Json(accepted))["id"]!;
        await Eventually.Get(
            () => own.WaitForCall("QUEUED", id, key, Cancellation),
            call => call["runningSince"] is not null,
            Cancellation
        );
        var waiting = own.Send(HttpMethod.Get, $"/calls/{id}", key, cancellationToken: Cancellation, headers: ("Prefer", "wait=60"));
        // The silo has responded to a later request on another connection, so it has received this request.
        using var later = await own.Send(
            HttpMethod.Get,
            $"/calls/{id}",
            key,
            cancellationToken: Cancellation,
            headers: ("Prefer", "wait=1")
        );
        var started = TimeProvider.System.GetTimestamp();

        await silo.Signal("INT", Cancellation);

        using var response = await waiting;
        ((string)(await Json(response))["status"]!).ShouldBe("QUEUED");
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        (await silo.WaitForExit(Cancellation)).ShouldBe(0, silo.Output);
    }

    [Fact]
    public async Task Large_result_supports_ranges_and_conditional_requests()
    {
        var echo = shared.Echo;
        var body = new byte[(5 << 20) + 17];
        new Random(3).NextBytes(body);
        var id = await card.Call(echo.PathOf("/reverse"), echo.Key, new ByteArrayContent(body), Cancellation);
        await card.WaitForCall("COMPLETED", id, echo.Key, Cancellation);
        Array.Reverse(body);

        using var head = await card.Send(HttpMethod.Head, $"/calls/{id}/result", echo.Key, cancellationToken: Cancellation);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.ShouldBe(body.Length);
        head.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        head.Headers.AcceptRanges.ShouldBe(["bytes"]);
        var tag = head.Headers.ETag!;
        tag.ToString().ShouldBe($"\"{id}-1\"");

        using var part = await Get(echo, id + "/result", ("Range", "bytes=3000000-3999999"), ("If-Range", tag.ToString()));
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        part.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes 3000000-3999999/{body.Length}");
        (await part.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(body[3_000_000..4_000_000]);

        using var beyond = await Get(echo, id + "/result", ("Range", $"bytes={body.Length}-"));
        (await Card.ReadProblem(beyond, HttpStatusCode.RequestedRangeNotSatisfiable, Cancellation)).ShouldBe("RANGE_NOT_SATISFIABLE");
        beyond.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes */{body.Length}");

        using var again = await Get(echo, id + "/result", ("If-None-Match", tag.ToString()));
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var other = await Get(echo, id + "/result", ("If-Match", "\"another\""));
        (await Card.ReadProblem(other, HttpStatusCode.PreconditionFailed, Cancellation)).ShouldBe("PRECONDITION_FAILED");
    }

    [Fact]
    public async Task Result_has_the_headers_and_body_of_the_model()
    {
        var echo = shared.Echo;
        var id = await Completed(
            echo,
            Respond(
                200,
                "X-Mine: a",
                "X-Mine: b, c",
                "X-Request-Id: the pods own",
                "ETag: \"models\"",
                "Content-Type: odd",
                "Access-Control-Allow-Origin: *"
            ) + "&body=text"
        );

        using var response = await Get(echo, id + "/result", ("X-Request-Id", "mine"));

        response.Headers.NonValidated["X-Mine"].ShouldBe(["a", "b, c"]);
        response.Headers.GetValues("X-Request-Id").ShouldBe(["mine"]);
        response.Headers.ETag!.ToString().ShouldBe("\"models\"");
        response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        response.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe("odd");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("text");
    }

    [Fact]
    public async Task Compressed_result_stays_compressed()
    {
        var echo = shared.Echo;
        var id = await Completed(echo, "/compressed");

        using var response = await Get(echo, id + "/result");

        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var text = new System.IO.Compression.GZipStream(
            await response.Content.ReadAsStreamAsync(Cancellation),
            System.IO.Compression.CompressionMode.Decompress
        );
        (await new StreamReader(text).ReadToEndAsync(Cancellation)).ShouldBe("as it was compressed");
    }

    [Fact]
    public async Task CORS_settings_of_the_deployment_override_the_CORS_headers_of_the_model()
    {
        var echo = await Start(new { pods = "1-1", corsOrigins = new[] { App } });
        var id = await Completed(echo, Respond(200, "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Mine"));

        using var response = await Get(echo, id + "/result", ("Origin", App));

        response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);
        response.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Content-Range");
        response.Headers.Vary.ShouldContain("Prefer");
    }

    [Fact]
    public async Task Result_document_contains_JSON_as_JSON_and_supports_HEAD()
    {
        var echo = shared.Echo;
        var id = await Completed(
            echo,
            Respond(201, "Content-Type: application/json", "X-Mine: a") + "&body=" + Uri.EscapeDataString("{ \"a\": [1, \"é\"] }")
        );

        using var head = await card.Send(HttpMethod.Head, $"/calls/{id}/result.json", echo.Key, cancellationToken: Cancellation);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentDisposition!.FileName!.Trim('"').ShouldBe($"{id}.json");

        using var response = await Get(echo, id + "/result.json");
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        text.ShouldEndWith("\"body\":{ \"a\": [1, \"é\"] }}");
        var document = JsonNode.Parse(text)!;
        ((int)document["status"]!).ShouldBe(201);
        ((string)document["headers"]!["X-Mine"]!).ShouldBe("a");
    }

    [Fact]
    public async Task Call_without_a_result_responds_with_its_status()
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/hold/on");
        using var queued = await Get(echo, id + "/result");
        (await Card.ReadProblem(queued, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_NOT_COMPLETED");
        ((string)(await Json(queued))["callStatus"]!).ShouldBe("QUEUED");
        queued.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);

        using var canceled = await card.Send(HttpMethod.Delete, $"/calls/{id}", echo.Key, cancellationToken: Cancellation);
        using var failed = await Get(echo, id + "/result.json");
        (await Card.ReadProblem(failed, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_NOT_COMPLETED");
        ((string)(await Json(failed))["callStatus"]!).ShouldBe("ERROR");
        ((string)(await Json(failed))["errorCode"]!).ShouldBe("CANCELED");
        failed.Headers.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task Id_of_a_purged_call_is_recognized_as_expired()
    {
        var echo = shared.Echo;
        var secret = await File.ReadAllTextAsync(Path.Combine(card.Silo.Folder, "data", "secret.key"), Cancellation);
        var ids = new CallIdIssuer(Convert.FromBase64String(secret.Trim()));
        CallId.TryParse(await Accept(echo, "/status/200"), out var accepted).ShouldBeTrue();
        ids.IsIssuedHere(accepted).ShouldBeTrue();

        var purged = ids.Create(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(4));
        foreach (var resource in (string[])["", "/result", "/result.json"])
        {
            using var response = await Get(echo, purged.Value + resource);
            (await Card.ReadProblem(response, HttpStatusCode.Gone, Cancellation)).ShouldBe("CALL_EXPIRED");
        }

        using var delete = await card.Send(HttpMethod.Delete, $"/calls/{purged}", echo.Key, cancellationToken: Cancellation);
        (await Card.ReadProblem(delete, HttpStatusCode.Gone, Cancellation)).ShouldBe("CALL_EXPIRED");
        using var without = await card.Send(HttpMethod.Get, $"/calls/{purged}", null, cancellationToken: Cancellation);
        (await Card.ReadProblem(without, HttpStatusCode.Unauthorized, Cancellation)).ShouldBe("KEY_MISSING");
    }

    [Fact]
    public async Task Canceling_a_running_call_aborts_its_request_to_the_pod()
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/hold/running");
        await echo.WaitForCounts("/hold/running", seen => seen.Began == 1);

        await Cancel(echo, id);

        await echo.WaitForCounts("/hold/running", seen => seen.Aborted == 1);
        (await echo.GetCounts("/hold/running")).Began.ShouldBe(1);
    }

    [Fact]
    public async Task Canceled_queued_call_does_not_reach_the_pod()
    {
        var echo = await Start(new { pods = "1-1", concurrency = 1 });
        var first = await Accept(echo, "/hold/first");
        await echo.WaitForCounts("/hold/first", seen => seen.Began == 1);
        var second = await Accept(echo, "/hold/second");

        await Cancel(echo, second);
        // The third call is behind the second call in the queue. When the third call completes, the second call would have run.
        var third = await Accept(echo, "/status/200");
        await Cancel(echo, first);
        await card.WaitForCall("COMPLETED", third, echo.Key, Cancellation);

        (await echo.GetCounts("/hold/second")).Began.ShouldBe(0);
    }

    private Task<EchoDeployment> Start(object configuration) => EchoDeployment.Start(shared, configuration);

    private static string Respond(int status, params string[] headers) =>
        $"/answer/{status}?" + string.Join('&', headers.Select(header => "header=" + Uri.EscapeDataString(header)));

    private static async Task<JsonNode> Json(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;

    private static async Task<string> Accept(EchoDeployment echo, string path)
    {
        using var accepted = await echo.Send(HttpMethod.Get, path, null, ("X-Async-Request", "true"));
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (string)(await Json(accepted))["id"]!;
    }

    private async Task<string> Completed(EchoDeployment echo, string path)
    {
        var id = await Accept(echo, path);
        await card.WaitForCall("COMPLETED", id, echo.Key, Cancellation);
        return id;
    }

    private Task<HttpResponseMessage> Get(EchoDeployment echo, string resource, params (string Name, string Value)[] headers) =>
        card.Send(HttpMethod.Get, $"/calls/{resource}", echo.Key, null, Cancellation, headers);

    private async Task Cancel(EchoDeployment echo, string id)
    {
        using var canceled = await card.Send(HttpMethod.Delete, $"/calls/{id}", echo.Key, cancellationToken: Cancellation);
        canceled.StatusCode.ShouldBe(HttpStatusCode.OK);
        ((string)(await Json(canceled))["errorCode"]!).ShouldBe("CANCELED");
        using var again = await card.Send(HttpMethod.Delete, $"/calls/{id}", echo.Key, cancellationToken: Cancellation);
        (await Card.ReadProblem(again, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_ALREADY_ENDED");
    }
}
