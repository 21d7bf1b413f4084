using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Asynchronous calls through the gateway of a real silo to real pods.</summary>
public sealed class AsyncCallTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_is_accepted_without_pods_and_its_result_is_the_response_of_the_model()
    {
        var name = shared.NewName("iris");
        var key = await card.Deploy(name, "iris");
        var id = await card.Call(
            $"/predict/{name}/v1/models/iris:predict",
            key,
            new StringContent("""{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}"""),
            Cancellation
        );

        var call = await card.WaitForCall("COMPLETED", id, key, Cancellation);

        ((int)call["attempts"]!.AsArray().Single()!["statusCode"]!).ShouldBe(200);
        using var result = await card.Send(HttpMethod.Get, $"/calls/{id}/result", key, cancellationToken: Cancellation);
        result.StatusCode.ShouldBe(HttpStatusCode.OK);
        result.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await result.Content.ReadAsStringAsync(Cancellation)).ShouldBe("""{"predictions":[1,1]}""");

        using var document = await card.Send(HttpMethod.Get, $"/calls/{id}/result.json", key, cancellationToken: Cancellation);
        document.Content.Headers.ContentDisposition!.FileName!.Trim('"').ShouldBe($"{id}.json");
        var json = (await document.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
        json["body"]!.ToJsonString().ShouldBe("""{"predictions":[1,1]}""");
        ((int)json["status"]!).ShouldBe(200);
    }

    [Fact]
    public async Task Large_request_and_response_bodies_arrive_unchanged()
    {
        var (name, key) = await Echo();
        var body = new byte[5 << 20];
        new Random(1).NextBytes(body);
        var id = await card.Call($"/predict/{name}/reverse", key, new ByteArrayContent(body), Cancellation);
        await card.WaitForCall("COMPLETED", id, key, Cancellation);

        using var result = await card.Send(HttpMethod.Get, $"/calls/{id}/result", key, cancellationToken: Cancellation);
        var reversed = await result.Content.ReadAsByteArrayAsync(Cancellation);
        Array.Reverse(reversed);
        reversed.ShouldBe(body);

        using var document = await card.Send(HttpMethod.Get, $"/calls/{id}/result.json", key, cancellationToken: Cancellation);
        var json = (await document.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
        Convert.FromBase64String((string)json["bodyBase64"]!).Length.ShouldBe(body.Length);
    }

    [Fact]
    public async Task Client_error_from_the_model_completes_the_call_with_its_status()
    {
        var (name, key) = await Echo();
        var id = await card.Call($"/predict/{name}/status/422", key, new StringContent(""), Cancellation);
        await card.WaitForCall("COMPLETED", id, key, Cancellation);
        using var result = await card.Send(HttpMethod.Get, $"/calls/{id}/result", key, cancellationToken: Cancellation);
        result.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await result.Content.ReadAsStringAsync(Cancellation)).ShouldBe("status 422");
    }

    [Fact]
    public async Task Failed_attempt_is_retried_after_a_backoff_and_the_call_can_be_canceled()
    {
        var (name, key) = await Echo();
        var id = await card.Call($"/predict/{name}/status/503", key, new StringContent(""), Cancellation);
        var call = await Eventually.Get(
            () => card.WaitForCall("QUEUED", id, key, Cancellation),
            c => c["attempts"]!.AsArray().Count >= 2,
            Cancellation
        );
        ((int)call["attempts"]![0]!["statusCode"]!).ShouldBe(503);

        using var early = await card.Send(HttpMethod.Get, $"/calls/{id}/result", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(early, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_NOT_COMPLETED");

        using var canceled = await card.Send(HttpMethod.Delete, $"/calls/{id}", key, cancellationToken: Cancellation);
        canceled.StatusCode.ShouldBe(HttpStatusCode.OK);
        var ended = await card.WaitForCall("ERROR", id, key, Cancellation);
        ((string)ended["errorCode"]!).ShouldBe("CANCELED");
        using var again = await card.Send(HttpMethod.Delete, $"/calls/{id}", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(again, HttpStatusCode.Conflict, Cancellation)).ShouldBe("CALL_ALREADY_ENDED");
    }

    [Fact]
    public async Task Running_call_ends_when_it_is_canceled()
    {
        var (name, key) = await Echo();
        using var accepted = await card.Send(
            HttpMethod.Get,
            $"/predict/{name}/slow?ms=600000",
            key,
            cancellationToken: Cancellation,
            headers: ("X-Async-Request", "true")
        );
        var slow = (string)(await accepted.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["id"]!;
        await Eventually.Get(() => card.WaitForCall("QUEUED", slow, key, Cancellation), c => c["runningSince"] is not null, Cancellation);
        using var canceled = await card.Send(HttpMethod.Delete, $"/calls/{slow}", key, cancellationToken: Cancellation);
        ((string)(await card.WaitForCall("ERROR", slow, key, Cancellation))["errorCode"]!).ShouldBe("CANCELED");
    }

    [Theory]
    [InlineData("X-Health-Timeout", "0", "1 to 86400")]
    [InlineData("X-Request-Timeout", "soon", "1 to 86400")]
    [InlineData("X-Full-Live-Timeout", "2592001", "1 to 2592000")]
    [InlineData("X-Retention", "59", "60 to 2592000")]
    public async Task Limit_out_of_range_is_rejected_with_its_name_and_range(string header, string value, string range)
    {
        var (name, key) = await Echo();
        using var response = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/x",
            key,
            null,
            Cancellation,
            ("X-Async-Request", "true"),
            (header, value)
        );
        (await Card.ReadProblem(response, HttpStatusCode.BadRequest, Cancellation)).ShouldBe("INVALID_HEADER");
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        text.ShouldContain(header);
        text.ShouldContain(range);
    }

    [Fact]
    public async Task Call_is_accessible_only_with_a_key_of_its_deployment()
    {
        var (name, key) = await Echo();
        var other = await card.Deploy(shared.NewName("other"), "echo");
        var id = await card.Call($"/predict/{name}/x", key, new StringContent("mine"), Cancellation);

        using var without = await card.Send(HttpMethod.Get, $"/calls/{id}", null, cancellationToken: Cancellation);
        (await Card.ReadProblem(without, HttpStatusCode.Unauthorized, Cancellation)).ShouldBe("KEY_MISSING");
        using var foreign = await card.Send(HttpMethod.Get, $"/calls/{id}/result", other, cancellationToken: Cancellation);
        (await Card.ReadProblem(foreign, HttpStatusCode.Forbidden, Cancellation)).ShouldBe("KEY_FORBIDDEN");
        using var unknown = await card.Send(HttpMethod.Get, $"/calls/{new string('0', 32)}", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(unknown, HttpStatusCode.NotFound, Cancellation)).ShouldBe("CALL_NOT_FOUND");
    }

    [Fact]
    public async Task Failed_call_is_listed_on_the_card_and_can_be_retried()
    {
        var (name, key) = await Echo();
        var id = await card.Call(
            $"/predict/{name}/status/500",
            key,
            new StringContent("x", Encoding.UTF8),
            Cancellation,
            ("X-Full-Live-Timeout", "8")
        );
        var failed = await card.WaitForCall("ERROR", id, key, Cancellation);
        ((string)failed["errorCode"]!).ShouldBe("EXPIRED");

        var listed = await card.Query(
            "query($n: String!) { deployment(name: $n) { asyncCalls(filter: {statuses: [ERROR]}) "
                + "{ nodes { id errorCode method path attempts { statusCode } } } } }",
            new { n = name },
            Cancellation
        );
        ((string)listed["deployment"]!["asyncCalls"]!["nodes"]!.AsArray().Single()!["id"]!).ShouldBe(id);

        await card.Query(
            "mutation($id: ID!) { retryAsyncCall(id: $id) { asyncCall { status } errors { message } } }",
            new { id },
            Cancellation
        );
        (await card.WaitForCall("ERROR", id, key, Cancellation))["attempts"]!
            .AsArray()
            .Count.ShouldBeGreaterThan(failed["attempts"]!.AsArray().Count);
    }

    private async Task<(string Name, string Key)> Echo()
    {
        var name = shared.NewName("echo");
        return (name, await card.Deploy(name, "echo"));
    }
}
