using System.Net;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>
/// Whoever goes away, the other side learns it, and the request's place is free again. Each deployment has one pod that takes one request and
/// nobody waits for it: what is not refused has found the place free.
/// </summary>
public sealed class AbortTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const string Waits = "neither refused nor answered";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Content-Length: 1000000\r\n\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "2710\r\n")]
    public async Task A_client_that_goes_in_the_middle_of_an_upload_ends_the_pods_request(string framing, string beginning)
    {
        var echo = await Narrow();
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/count/upload") + framing + beginning);
        await connection.Write(new byte[10_000]);
        await echo.SeenWhen("/count/upload", seen => seen.Received > 0);
        await Full(echo);

        connection.Abort();

        await echo.SeenWhen("/count/upload", seen => seen.Aborted == 1);
        await Free(echo);
    }

    [Fact]
    public async Task A_client_that_goes_while_it_waits_ends_the_pods_request()
    {
        var echo = await Narrow();
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("GET", "/hold/wait") + "\r\n");
        await echo.SeenWhen("/hold/wait", seen => seen.Began == 1);
        await Full(echo);

        connection.Abort();

        await echo.SeenWhen("/hold/wait", seen => seen.Aborted == 1);
        await Free(echo);
    }

    [Fact]
    public async Task A_client_that_cancels_while_it_waits_ends_the_pods_request()
    {
        var echo = await Narrow();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var waiting = echo.Card.Send(HttpMethod.Post, echo.At("/hold/cancel"), echo.Key, new StringContent("a body"), end.Token);
        await echo.SeenWhen("/hold/cancel", seen => seen.Began == 1);

        await end.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await echo.SeenWhen("/hold/cancel", seen => seen.Aborted == 1);
        await Free(echo);
    }

    [Fact]
    public async Task A_client_that_goes_in_the_middle_of_a_download_ends_the_pods_request()
    {
        var echo = await Narrow();
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("GET", "/endless/download") + "\r\n");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        await connection.ReadBytes(1 << 20);
        await Full(echo);

        connection.Abort();

        await echo.SeenWhen("/endless/download", seen => seen.Aborted == 1);
        await Free(echo);
    }

    [Fact]
    public async Task A_client_that_goes_between_two_events_ends_the_pods_request()
    {
        var echo = await Narrow();
        var opening = echo.Send(HttpMethod.Get, "/events/stream?count=2");
        await echo.Tick();
        using (var response = await opening)
        {
            using var events = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
            (await events.ReadLineAsync(Cancellation)).ShouldBe("data: 0");
            await Full(echo);
        }

        await echo.SeenWhen("/events/stream", seen => seen.Aborted == 1);
        await Free(echo);
    }

    [Fact]
    public async Task A_client_that_goes_while_it_waits_for_a_pod_gives_up_its_place_in_the_queue()
    {
        var echo = await EchoDeployment.Start(
            shared,
            new
            {
                pods = "1-1",
                concurrency = 1,
                queueLength = 1,
            }
        );
        await using var holder = await echo.Open();
        await holder.Write(echo.Head("GET", "/hold/first") + "\r\n");
        await echo.SeenWhen("/hold/first", seen => seen.Began == 1);
        var waiter = await Queued(echo, "/hold/second");

        waiter.Abort();
        await waiter.DisposeAsync();

        await Eventually.Get(() => Code(echo), code => code == Waits, Cancellation);
        holder.Abort();

        await Free(echo);
        (await echo.Seen("/hold/second")).Began.ShouldBe(0);
    }

    [Fact]
    public async Task A_pod_that_breaks_off_before_its_answer_is_a_bad_gateway()
    {
        var echo = await Narrow();
        using var response = await echo.Send(HttpMethod.Get, "/abort/before-head");
        (await Card.Problem(response, HttpStatusCode.BadGateway, Cancellation)).ShouldBe("POD_CONNECTION_FAILED");
        await Free(echo);
    }

    [Theory]
    [InlineData("", "d\r\nthe beginning\r\n")]
    [InlineData("?length=1000", "the beginning")]
    public async Task A_pod_that_breaks_off_in_its_answer_breaks_the_clients_off_too(string length, string beginning)
    {
        var echo = await Narrow();
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("GET", $"/abort/in-body{length}") + "\r\n");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadText(beginning.Length)).ShouldBe(beginning);

        await echo.Tick();

        // It never ends as it should: neither by a last chunk nor by the length that the head tells.
        (await connection.ReadToEnd()).ShouldBeEmpty();
        await Free(echo);
    }

    [Fact]
    public async Task A_pod_that_is_killed_in_its_answer_breaks_the_clients_off_too()
    {
        var echo = await Narrow();
        using var response = await echo.Send(HttpMethod.Get, "/endless/killed");
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);

        await echo.Kill();

        await Should.ThrowAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancellation));
        await Free(echo);
    }

    [Fact]
    public async Task A_pod_that_is_killed_before_its_answer_is_a_bad_gateway()
    {
        var echo = await Narrow();
        var waiting = echo.Send(HttpMethod.Get, "/hold/killed");
        await echo.SeenWhen("/hold/killed", seen => seen.Began == 1);

        await echo.Kill();

        using var response = await waiting;
        (await Card.Problem(response, HttpStatusCode.BadGateway, Cancellation)).ShouldBe("POD_CONNECTION_FAILED");
        await Free(echo);
    }

    [Fact]
    public async Task A_pod_that_is_killed_in_the_middle_of_an_upload_is_a_bad_gateway()
    {
        var echo = await Narrow();
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/count/killed") + "Content-Length: 1000000000\r\n\r\n");
        await connection.Write(new byte[10_000]);
        await echo.SeenWhen("/count/killed", seen => seen.Received > 0);

        await echo.Kill();

        // The gateway finds out when it passes on what comes.
        var sending = Upload(connection);
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 502 Bad Gateway\n");
        connection.Abort();
        await sending;
        await Free(echo);
    }

    private Task<EchoDeployment> Narrow() =>
        EchoDeployment.Start(
            shared,
            new
            {
                pods = "1-1",
                concurrency = 1,
                queueLength = 0,
            }
        );

    private static async Task Upload(RawConnection connection)
    {
        try
        {
            while (true)
                await connection.Write(new byte[10_000]);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException) { }
    }

    /// <summary>A request that has the one place in the queue: it begins anew where one of ours that only looked was there before it.</summary>
    private static async Task<RawConnection> Queued(EchoDeployment echo, string path)
    {
        while (true)
        {
            var waiter = await echo.Open();
            await waiter.Write(echo.Head("GET", path) + "\r\n");
            if (await Code(echo) == "QUEUE_FULL")
                return waiter;
            await waiter.DisposeAsync();
        }
    }

    private static Task Full(EchoDeployment echo) => Eventually.Get(() => Code(echo), code => code == "QUEUE_FULL", Cancellation);

    private static Task Free(EchoDeployment echo) => Eventually.Get(() => Code(echo), code => code is null, Cancellation);

    /// <summary>Why a request is refused; null when it is not.</summary>
    private static async Task<string?> Code(EchoDeployment echo)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        end.CancelAfter(Patience);
        try
        {
            using var response = await echo.Card.Send(HttpMethod.Get, echo.At("/status/200"), echo.Key, cancellationToken: end.Token);
            return response.IsSuccessStatusCode ? null : await Card.Problem(response, response.StatusCode, Cancellation);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return Waits;
        }
    }
}
