using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Grains.AsyncCalls;

namespace DeployCard.EndToEnd.Tests;

/// <summary>What clients may ask of a call that was accepted: its status, its end, its result in whole and in part, its cancellation.</summary>
public sealed class CallResultTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private const string App = "https://app.example.com";

    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "COMPLETED")]
    [InlineData("/result", "piece 0\n")]
    [InlineData("/result.json", "cGllY2UgMAo=")]
    public async Task Who_would_wait_is_answered_when_the_call_has_ended(string what, string told)
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/pieces?count=1");
        using var early = await Get(echo, id + what, ("Prefer", "wait=0"));
        early.Headers.GetValues("Preference-Applied").ShouldBe(["wait=0"]);
        if (what.Length > 0)
            (await Card.Problem(early, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_NOT_COMPLETED");
        var waiting = Get(echo, id + what, ("Prefer", "respond-async, wait=100"));

        await echo.Tick();

        using var answer = await waiting;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("Preference-Applied").ShouldBe(["wait=60"]);
        answer.Headers.Vary.ShouldContain("Prefer");
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldContain(told);
    }

    [Fact]
    public async Task A_wait_that_could_not_be_understood_is_none()
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/hold/odd");

        using var answer = await Get(echo, id, ("Prefer", "wait=soon"));

        answer.Headers.Contains("Preference-Applied").ShouldBeFalse();
        ((string)(await Json(answer))["status"]!).ShouldBe("QUEUED");
    }

    [Fact]
    public async Task Who_waits_is_answered_at_once_when_the_silo_stops()
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
        await Eventually.Get(() => own.CallWith("QUEUED", id, key, Cancellation), call => call["runningSince"] is not null, Cancellation);
        var waiting = own.Send(HttpMethod.Get, $"/calls/{id}", key, cancellationToken: Cancellation, headers: ("Prefer", "wait=60"));
        // The silo has it: a later one on another connection was answered.
        using var later = await own.Send(
            HttpMethod.Get,
            $"/calls/{id}",
            key,
            cancellationToken: Cancellation,
            headers: ("Prefer", "wait=1")
        );
        var started = TimeProvider.System.GetTimestamp();

        await silo.Signal("INT", Cancellation);

        using var answer = await waiting;
        ((string)(await Json(answer))["status"]!).ShouldBe("QUEUED");
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        (await silo.WaitForEnd(Cancellation)).ShouldBe(0, silo.Output);
    }

    [Fact]
    public async Task A_large_result_is_read_in_parts_and_only_once()
    {
        var echo = shared.Echo;
        var body = new byte[(5 << 20) + 17];
        new Random(3).NextBytes(body);
        var id = await card.Call(echo.At("/reverse"), echo.Key, new ByteArrayContent(body), Cancellation);
        await card.CallWith("COMPLETED", id, echo.Key, Cancellation);
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
        (await Card.Problem(beyond, HttpStatusCode.RequestedRangeNotSatisfiable, Cancellation)).ShouldBe("RANGE_NOT_SATISFIABLE");
        beyond.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes */{body.Length}");

        using var again = await Get(echo, id + "/result", ("If-None-Match", tag.ToString()));
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var other = await Get(echo, id + "/result", ("If-Match", "\"another\""));
        (await Card.Problem(other, HttpStatusCode.PreconditionFailed, Cancellation)).ShouldBe("PRECONDITION_FAILED");
    }

    [Fact]
    public async Task A_result_is_told_as_the_model_told_it()
    {
        var echo = shared.Echo;
        var id = await Completed(
            echo,
            Fields(
                200,
                "X-Mine: a",
                "X-Mine: b, c",
                "X-Request-Id: the pods own",
                "ETag: \"models\"",
                "Content-Type: odd",
                "Access-Control-Allow-Origin: *"
            ) + "&body=text"
        );

        using var answer = await Get(echo, id + "/result", ("X-Request-Id", "mine"));

        answer.Headers.NonValidated["X-Mine"].ShouldBe(["a", "b, c"]);
        answer.Headers.GetValues("X-Request-Id").ShouldBe(["mine"]);
        answer.Headers.ETag!.ToString().ShouldBe("\"models\"");
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        answer.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe("odd");
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldBe("text");
    }

    [Fact]
    public async Task A_result_stays_compressed_as_it_was()
    {
        var echo = shared.Echo;
        var id = await Completed(echo, "/compressed");

        using var answer = await Get(echo, id + "/result");

        answer.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var text = new System.IO.Compression.GZipStream(
            await answer.Content.ReadAsStreamAsync(Cancellation),
            System.IO.Compression.CompressionMode.Decompress
        );
        (await new StreamReader(text).ReadToEndAsync(Cancellation)).ShouldBe("as it was compressed");
    }

    [Fact]
    public async Task A_page_reads_a_result_where_the_deployment_lets_it_whatever_the_model_says()
    {
        var echo = await Start(new { pods = "1-1", corsOrigins = new[] { App } });
        var id = await Completed(echo, Fields(200, "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Mine"));

        using var answer = await Get(echo, id + "/result", ("Origin", App));

        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);
        answer.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Content-Range");
        answer.Headers.Vary.ShouldContain("Prefer");
    }

    [Fact]
    public async Task A_document_has_json_as_json_and_is_looked_at_by_its_head()
    {
        var echo = shared.Echo;
        var id = await Completed(
            echo,
            Fields(201, "Content-Type: application/json", "X-Mine: a") + "&body=" + Uri.EscapeDataString("{ \"a\": [1, \"é\"] }")
        );

        using var head = await card.Send(HttpMethod.Head, $"/calls/{id}/result.json", echo.Key, cancellationToken: Cancellation);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentDisposition!.FileName!.Trim('"').ShouldBe($"{id}.json");

        using var answer = await Get(echo, id + "/result.json");
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        text.ShouldEndWith("\"body\":{ \"a\": [1, \"é\"] }}");
        var document = JsonNode.Parse(text)!;
        ((int)document["status"]!).ShouldBe(201);
        ((string)document["headers"]!["X-Mine"]!).ShouldBe("a");
    }

    [Fact]
    public async Task What_has_no_result_says_how_it_stands()
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/hold/on");
        using var queued = await Get(echo, id + "/result");
        (await Card.Problem(queued, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_NOT_COMPLETED");
        ((string)(await Json(queued))["callStatus"]!).ShouldBe("QUEUED");
        queued.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);

        using var canceled = await card.Send(HttpMethod.Delete, $"/calls/{id}", echo.Key, cancellationToken: Cancellation);
        using var failed = await Get(echo, id + "/result.json");
        (await Card.Problem(failed, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_NOT_COMPLETED");
        ((string)(await Json(failed))["callStatus"]!).ShouldBe("ERROR");
        ((string)(await Json(failed))["errorCode"]!).ShouldBe("CANCELED");
        failed.Headers.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task An_id_that_was_given_out_is_known_again_when_its_call_is_gone()
    {
        var echo = shared.Echo;
        var secret = await File.ReadAllTextAsync(Path.Combine(card.Silo.Folder, "data", "secret.key"), Cancellation);
        var ids = new CallIds(Convert.FromBase64String(secret.Trim()));
        CallId.TryParse(await Accept(echo, "/status/200"), out var accepted).ShouldBeTrue();
        ids.IsOurs(accepted).ShouldBeTrue();

        var gone = ids.New(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(4));
        foreach (var what in (string[])["", "/result", "/result.json"])
        {
            using var answer = await Get(echo, gone.Value + what);
            (await Card.Problem(answer, HttpStatusCode.Gone, Cancellation)).ShouldBe("CALL_EXPIRED");
        }

        using var delete = await card.Send(HttpMethod.Delete, $"/calls/{gone}", echo.Key, cancellationToken: Cancellation);
        (await Card.Problem(delete, HttpStatusCode.Gone, Cancellation)).ShouldBe("CALL_EXPIRED");
        using var without = await card.Send(HttpMethod.Get, $"/calls/{gone}", null, cancellationToken: Cancellation);
        (await Card.Problem(without, HttpStatusCode.Unauthorized, Cancellation)).ShouldBe("KEY_MISSING");
    }

    [Fact]
    public async Task A_running_call_that_is_canceled_is_broken_off_at_the_pod()
    {
        var echo = shared.Echo;
        var id = await Accept(echo, "/hold/running");
        await echo.SeenWhen("/hold/running", seen => seen.Began == 1);

        await Cancel(echo, id);

        await echo.SeenWhen("/hold/running", seen => seen.Aborted == 1);
        (await echo.Seen("/hold/running")).Began.ShouldBe(1);
    }

    [Fact]
    public async Task A_queued_call_that_is_canceled_never_comes_to_the_pod()
    {
        var echo = await Start(new { pods = "1-1", concurrency = 1 });
        var first = await Accept(echo, "/hold/first");
        await echo.SeenWhen("/hold/first", seen => seen.Began == 1);
        var second = await Accept(echo, "/hold/second");

        await Cancel(echo, second);
        // Behind it in the queue: when this one runs, the second one would have.
        var third = await Accept(echo, "/status/200");
        await Cancel(echo, first);
        await card.CallWith("COMPLETED", third, echo.Key, Cancellation);

        (await echo.Seen("/hold/second")).Began.ShouldBe(0);
    }

    private Task<EchoDeployment> Start(object configuration) => EchoDeployment.Start(shared, configuration);

    private static string Fields(int status, params string[] fields) =>
        $"/answer/{status}?" + string.Join('&', fields.Select(field => "header=" + Uri.EscapeDataString(field)));

    private static async Task<JsonNode> Json(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;

    private static async Task<string> Accept(EchoDeployment echo, string path)
    {
        using var accepted = await echo.Send(HttpMethod.Get, path, null, ("X-Async-Request", "true"));
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (string)(await Json(accepted))["id"]!;
    }

    private async Task<string> Completed(EchoDeployment echo, string path)
    {
        var id = await Accept(echo, path);
        await card.CallWith("COMPLETED", id, echo.Key, Cancellation);
        return id;
    }

    private Task<HttpResponseMessage> Get(EchoDeployment echo, string what, params (string Name, string Value)[] headers) =>
        card.Send(HttpMethod.Get, $"/calls/{what}", echo.Key, null, Cancellation, headers);

    private async Task Cancel(EchoDeployment echo, string id)
    {
        using var canceled = await card.Send(HttpMethod.Delete, $"/calls/{id}", echo.Key, cancellationToken: Cancellation);
        canceled.StatusCode.ShouldBe(HttpStatusCode.OK);
        ((string)(await Json(canceled))["errorCode"]!).ShouldBe("CANCELED");
        using var again = await card.Send(HttpMethod.Delete, $"/calls/{id}", echo.Key, cancellationToken: Cancellation);
        (await Card.Problem(again, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_ALREADY_ENDED");
    }
}
