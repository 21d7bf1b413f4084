using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Acceptance of asynchronous calls by the gateway: idempotency keys, limits of the queue, and reasons for waiting.</summary>
public sealed class CallAcceptanceTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100)]
    [InlineData(1 << 20)]
    public async Task Repeated_requests_with_one_idempotency_key_are_one_call(int length)
    {
        var (name, key) = await Echo();
        var first = await card.Call($"/predict/{name}/print?a=1", key, Body(length), Cancellation, ("Idempotency-Key", "order-1"));

        using var again = await Accept(name, key, Body(length), "\"order-1\"");

        again.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        again.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        (await Id(again)).ShouldBe(first);
        await card.WaitForCall("COMPLETED", first, key, Cancellation);
        using var late = await Accept(name, key, Body(length), "order-1");
        (await Id(late)).ShouldBe(first);
        (await card.Call($"/predict/{name}/print?a=1", key, Body(length), Cancellation, ("Idempotency-Key", "order-2"))).ShouldNotBe(first);
        (await Listed(name)).ShouldBe(2);
    }

    [Fact]
    public async Task Different_request_with_the_same_idempotency_key_is_rejected()
    {
        var (name, key) = await Echo();
        await card.Call($"/predict/{name}/print?a=1", key, Body(100), Cancellation, ("Idempotency-Key", "order-1"));

        using var otherBody = await Accept(name, key, Body(101), "order-1");
        using var otherPath = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/print?a=2",
            key,
            Body(100),
            Cancellation,
            ("X-Async-Request", "true"),
            ("Idempotency-Key", "order-1")
        );

        (await Card.ReadProblem(otherBody, HttpStatusCode.UnprocessableEntity, Cancellation)).ShouldBe("IDEMPOTENCY_KEY_REUSED");
        (await Card.ReadProblem(otherPath, HttpStatusCode.UnprocessableEntity, Cancellation)).ShouldBe("IDEMPOTENCY_KEY_REUSED");
        (await Listed(name)).ShouldBe(1);
    }

    [Fact]
    public async Task Concurrent_requests_with_one_idempotency_key_are_one_call()
    {
        var (name, key) = await Echo();

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Accept(name, key, Body(1000), "order-1")));

        responses.ShouldAllBe(response => response.StatusCode == HttpStatusCode.Accepted);
        var ids = await Task.WhenAll(responses.Select(Id));
        ids.Distinct().Count().ShouldBe(1);
        responses.Count(response => !response.Headers.Contains("Idempotency-Replayed")).ShouldBe(1);
        (await Listed(name)).ShouldBe(1);
        foreach (var response in responses)
            response.Dispose();
    }

    [Fact]
    public async Task Full_queue_rejects_calls_until_one_is_canceled()
    {
        var (name, key) = await Echo(
            new
            {
                pods = "1-1",
                concurrency = 1,
                asyncQueueLength = 3,
            }
        );
        var held = new List<string>();
        for (var i = 0; i < 3; i++)
            held.Add(await card.Call($"/predict/{name}/hold/{i}", key, Body(10), Cancellation));

        using var rejected = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/hold/4",
            key,
            Body(10),
            Cancellation,
            ("X-Async-Request", "true")
        );

        (await Card.ReadProblem(rejected, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("ASYNC_QUEUE_FULL");
        rejected.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await rejected.Content.ReadAsStringAsync(Cancellation)).ShouldContain("asyncQueueLength is 3");
        using var canceled = await card.Send(HttpMethod.Delete, $"/calls/{held[0]}", key, cancellationToken: Cancellation);
        await Eventually.Get(
            async () =>
                (
                    await card.Send(HttpMethod.Post, $"/predict/{name}/hold/4", key, Body(10), Cancellation, ("X-Async-Request", "true"))
                ).StatusCode,
            status => status is HttpStatusCode.Accepted,
            Cancellation
        );
    }

    [Fact]
    public async Task Limit_of_the_queue_in_bytes_includes_bodies_of_unknown_length()
    {
        var (name, key) = await Echo(
            new
            {
                pods = "1-1",
                concurrency = 1,
                asyncQueueBytes = 300_000,
            }
        );
        await card.Call($"/predict/{name}/hold/1", key, Body(200_000), Cancellation, ("Idempotency-Key", "first"));

        using var known = await Accept(name, key, Body(100_001), null);
        using var unknown = await Accept(name, key, new StreamContent(new StreamOfUnknownLength(new byte[100_001])), null);
        using var repeated = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/hold/1",
            key,
            Body(200_000),
            Cancellation,
            ("X-Async-Request", "true"),
            ("Idempotency-Key", "first")
        );
        using var fits = await Accept(name, key, new StreamContent(new StreamOfUnknownLength(new byte[100_000])), null);

        (await Card.ReadProblem(known, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("ASYNC_QUEUE_FULL");
        (await Card.ReadProblem(unknown, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("ASYNC_QUEUE_FULL");
        repeated.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        fits.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await Listed(name)).ShouldBe(2);
    }

    [Fact]
    public async Task Gateway_and_card_show_why_a_call_waits()
    {
        var (name, key) = await Echo(new { pods = "1-1", concurrency = 1 });
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
            ids.Add(await card.Call($"/predict/{name}/hold/{i}", key, Body(10), Cancellation));

        var running = await Eventually.Get(
            () => card.WaitForCall("QUEUED", ids[0], key, Cancellation),
            call => call["runningSince"] is not null,
            Cancellation
        );
        var last = await Eventually.Get(
            () => card.WaitForCall("QUEUED", ids[3], key, Cancellation),
            call => (int?)call["waiting"]?["position"] == 3,
            Cancellation
        );

        running["waiting"].ShouldBeNull();
        ((string)running["attempts"]![0]!["pod"]!).ShouldStartWith(name);
        ((string)last["waiting"]!["reason"]!).ShouldBe("AT_CAPACITY");
        var listed = await card.Query(
            "query($n: String!) { deployment(name: $n) { asyncCalls { nodes { id waiting { reason position detail attempt until } } } } }",
            new { n = name },
            Cancellation
        );
        var waits = listed["deployment"]!["asyncCalls"]!["nodes"]!
            .AsArray()
            .ToDictionary(call => (string)call!["id"]!, call => call!["waiting"]);
        waits[ids[0]].ShouldBeNull();
        ids[1..].Select(id => (int)waits[id]!["position"]!).ShouldBe([1, 2, 3]);
        ((string)waits[ids[1]]!["detail"]!).ShouldBe("All request slots of the ready pod are in use.");
    }

    [Fact]
    public async Task Call_that_waits_for_a_failing_pod_shows_the_reason()
    {
        var (name, key) = await Echo(new { environment = new[] { new { name = "FAIL_AT_START", value = "no such model" } } });

        var id = await card.Call($"/predict/{name}/x", key, Body(10), Cancellation);

        var call = await Eventually.Get(
            () => card.WaitForCall("QUEUED", id, key, Cancellation),
            c => ((string?)c["waiting"]?["detail"])?.Contains("no such model") is true,
            Cancellation
        );
        ((string)call["waiting"]!["reason"]!).ShouldBe("NO_READY_POD");
        call["attempts"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Retry_After_of_the_pod_delays_the_next_attempt_and_is_shown()
    {
        var (name, key) = await Echo();
        var id = await card.Call(
            $"/predict/{name}/answer/503?header=Retry-After:%20600&body=model%20is%20loading",
            key,
            Body(10),
            Cancellation
        );

        var call = await Eventually.Get(
            () => card.WaitForCall("QUEUED", id, key, Cancellation),
            c => c["nextAttemptAt"] is not null,
            Cancellation
        );

        var attempt = call["attempts"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)attempt["detail"]!).ShouldBe("the pod responded with 503: model is loading");
        ((string)attempt["errorCode"]!).ShouldBe("POD_ERROR");
        var backoff = (DateTimeOffset)call["nextAttemptAt"]! - (DateTimeOffset)attempt["endedAt"]!;
        backoff.ShouldBeInRange(TimeSpan.FromSeconds(599), TimeSpan.FromSeconds(601));
        ((string)call["waiting"]!["reason"]!).ShouldBe("BACKOFF");
        ((int)call["waiting"]!["attempt"]!).ShouldBe(2);
    }

    [Fact]
    public async Task Failed_calls_are_retried_together()
    {
        var (name, key) = await Echo();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add(await card.Call($"/predict/{name}/status/500", key, Body(10), Cancellation, ("X-Full-Live-Timeout", "3")));
        foreach (var id in ids)
            await card.WaitForCall("ERROR", id, key, Cancellation);

        var data = await card.Query(
            "mutation($n: String!) { retryFailedAsyncCalls(deployment: $n, filter: {errorCodes: [EXPIRED]}) "
                + "{ count hasMore errors { message } } }",
            new { n = name },
            Cancellation
        );

        data["retryFailedAsyncCalls"]!.ToJsonString().ShouldBe("""{"count":3,"hasMore":false,"errors":[]}""");
        foreach (var id in ids)
            (await card.WaitForCall("ERROR", id, key, Cancellation))["attempts"]!.AsArray().Count.ShouldBeGreaterThan(1);
    }

    private static ByteArrayContent Body(int length) => new([.. Enumerable.Range(0, length).Select(i => (byte)('a' + (i % 26)))]);

    private static async Task<string> Id(HttpResponseMessage response) =>
        (string)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["id"]!;

    private Task<HttpResponseMessage> Accept(string name, string key, HttpContent body, string? idempotencyKey) =>
        card.Send(
            HttpMethod.Post,
            $"/predict/{name}/print?a=1",
            key,
            body,
            Cancellation,
            [
                ("X-Async-Request", "true"),
                .. idempotencyKey is null ? Array.Empty<(string, string)>() : [("Idempotency-Key", idempotencyKey)],
            ]
        );

    private async Task<int> Listed(string name)
    {
        var data = await card.Query(
            "query($n: String!) { deployment(name: $n) { asyncCalls { nodes { id } } } }",
            new { n = name },
            Cancellation
        );
        return data["deployment"]!["asyncCalls"]!["nodes"]!.AsArray().Count;
    }

    private async Task<(string Name, string Key)> Echo(object? configuration = null)
    {
        var name = shared.NewName("accept");
        return (name, await card.Deploy(name, "echo", configuration));
    }

    /// <summary>A stream of unknown length, so that the request uses chunked transfer encoding.</summary>
    private sealed class StreamOfUnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
