using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>What a gateway accepts as an asynchronous call, how often, and how many.</summary>
public sealed class CallAcceptanceTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100)]
    [InlineData(1 << 20)]
    public async Task A_request_that_is_repeated_under_its_key_is_one_call(int length)
    {
        var (name, key) = await Echo();
        var first = await card.Call($"/predict/{name}/print?a=1", key, Body(length), Cancellation, ("Idempotency-Key", "order-1"));

        using var again = await Accept(name, key, Body(length), "\"order-1\"");

        again.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        again.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        (await Id(again)).ShouldBe(first);
        await card.CallWith("COMPLETED", first, key, Cancellation);
        using var late = await Accept(name, key, Body(length), "order-1");
        (await Id(late)).ShouldBe(first);
        (await card.Call($"/predict/{name}/print?a=1", key, Body(length), Cancellation, ("Idempotency-Key", "order-2"))).ShouldNotBe(first);
        (await Listed(name)).ShouldBe(2);
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_refused()
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

        (await Card.Problem(otherBody, HttpStatusCode.UnprocessableEntity, Cancellation)).ShouldBe("IDEMPOTENCY_KEY_REUSED");
        (await Card.Problem(otherPath, HttpStatusCode.UnprocessableEntity, Cancellation)).ShouldBe("IDEMPOTENCY_KEY_REUSED");
        (await Listed(name)).ShouldBe(1);
    }

    [Fact]
    public async Task Many_requests_at_once_under_one_key_are_one_call()
    {
        var (name, key) = await Echo();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Accept(name, key, Body(1000), "order-1")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Accepted);
        var ids = await Task.WhenAll(answers.Select(Id));
        ids.Distinct().Count().ShouldBe(1);
        answers.Count(answer => !answer.Headers.Contains("Idempotency-Replayed")).ShouldBe(1);
        (await Listed(name)).ShouldBe(1);
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task A_full_queue_refuses_before_it_takes_a_body()
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

        using var refused = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/hold/4",
            key,
            Body(10),
            Cancellation,
            ("X-Async-Request", "true")
        );

        (await Card.Problem(refused, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("ASYNC_QUEUE_FULL");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await refused.Content.ReadAsStringAsync(Cancellation)).ShouldContain("asyncQueueLength is 3");
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
    public async Task A_queue_has_a_bound_in_bytes_that_counts_bodies_of_unknown_length_too()
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
        using var unknown = await Accept(name, key, new StreamContent(new Unsized(new byte[100_001])), null);
        using var repeated = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/hold/1",
            key,
            Body(200_000),
            Cancellation,
            ("X-Async-Request", "true"),
            ("Idempotency-Key", "first")
        );
        using var fits = await Accept(name, key, new StreamContent(new Unsized(new byte[100_000])), null);

        (await Card.Problem(known, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("ASYNC_QUEUE_FULL");
        (await Card.Problem(unknown, HttpStatusCode.TooManyRequests, Cancellation)).ShouldBe("ASYNC_QUEUE_FULL");
        repeated.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        fits.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await Listed(name)).ShouldBe(2);
    }

    [Fact]
    public async Task What_a_call_waits_for_is_told_by_the_gateway_and_on_the_card()
    {
        var (name, key) = await Echo(new { pods = "1-1", concurrency = 1 });
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
            ids.Add(await card.Call($"/predict/{name}/hold/{i}", key, Body(10), Cancellation));

        var running = await Eventually.Get(
            () => card.CallWith("QUEUED", ids[0], key, Cancellation),
            call => call["runningSince"] is not null,
            Cancellation
        );
        var last = await Eventually.Get(
            () => card.CallWith("QUEUED", ids[3], key, Cancellation),
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
        ((string)waits[ids[1]]!["detail"]!).ShouldBe("All places at the ready pod are taken.");
    }

    [Fact]
    public async Task A_call_that_waits_for_a_pod_that_cannot_start_tells_why()
    {
        var (name, key) = await Echo(new { environment = new[] { new { name = "FAIL_AT_START", value = "no such model" } } });

        var id = await card.Call($"/predict/{name}/x", key, Body(10), Cancellation);

        var call = await Eventually.Get(
            () => card.CallWith("QUEUED", id, key, Cancellation),
            c => ((string?)c["waiting"]?["detail"])?.Contains("no such model") is true,
            Cancellation
        );
        ((string)call["waiting"]!["reason"]!).ShouldBe("NO_READY_POD");
        call["attempts"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pause_that_the_pod_asks_for_is_kept_and_told()
    {
        var (name, key) = await Echo();
        var id = await card.Call(
            $"/predict/{name}/answer/503?header=Retry-After:%20600&body=model%20is%20loading",
            key,
            Body(10),
            Cancellation
        );

        var call = await Eventually.Get(
            () => card.CallWith("QUEUED", id, key, Cancellation),
            c => c["nextAttemptAt"] is not null,
            Cancellation
        );

        var attempt = call["attempts"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)attempt["detail"]!).ShouldBe("the pod answered 503: model is loading");
        ((string)attempt["errorCode"]!).ShouldBe("POD_ERROR");
        var pause = (DateTimeOffset)call["nextAttemptAt"]! - (DateTimeOffset)attempt["endedAt"]!;
        pause.ShouldBeInRange(TimeSpan.FromSeconds(599), TimeSpan.FromSeconds(601));
        ((string)call["waiting"]!["reason"]!).ShouldBe("BACKOFF");
        ((int)call["waiting"]!["attempt"]!).ShouldBe(2);
    }

    [Fact]
    public async Task Failed_calls_are_run_again_together()
    {
        var (name, key) = await Echo();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add(await card.Call($"/predict/{name}/status/500", key, Body(10), Cancellation, ("X-Full-Live-Timeout", "3")));
        foreach (var id in ids)
            await card.CallWith("ERROR", id, key, Cancellation);

        var data = await card.Query(
            "mutation($n: String!) { retryFailedAsyncCalls(deployment: $n, filter: {errorCodes: [EXPIRED]}) { count hasMore errors { message } } }",
            new { n = name },
            Cancellation
        );

        data["retryFailedAsyncCalls"]!.ToJsonString().ShouldBe("""{"count":3,"hasMore":false,"errors":[]}""");
        foreach (var id in ids)
            (await card.CallWith("ERROR", id, key, Cancellation))["attempts"]!.AsArray().Count.ShouldBeGreaterThan(1);
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

    /// <summary>A body whose length is told to nobody, so that it goes out in chunks.</summary>
    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
