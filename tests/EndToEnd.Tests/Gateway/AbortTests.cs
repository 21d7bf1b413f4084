using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>
/// Aborts by clients and pods. The peer notices the abort, and the slot of the request is released. Each deployment has one pod with one
/// slot and no queue, so a request that is not rejected has found the slot free.
/// </summary>
public sealed class AbortTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const string Waits = "neither rejected nor completed";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Content-Length: 1000000\r\n\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "2710\r\n")]
    public async Task Client_disconnect_during_an_upload_aborts_the_pods_request(string framing, string beginning)
    {
        var echo = await StartWithOneSlot();
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", "/count/upload") + framing + beginning);
        await connection.Write(new byte[10_000]);
        await echo.WaitForCounts("/count/upload", seen => seen.Received > 0);
        await UntilFull(echo);

        connection.Abort();

        await echo.WaitForCounts("/count/upload", seen => seen.Aborted == 1);
        await UntilFree(echo);
    }

    [Fact]
    public async Task Client_disconnect_before_the_response_aborts_the_pods_request()
    {
        var echo = await StartWithOneSlot();
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("GET", "/hold/wait") + "\r\n");
        await echo.WaitForCounts("/hold/wait", seen => seen.Began == 1);
        await UntilFull(echo);

        connection.Abort();

        await echo.WaitForCounts("/hold/wait", seen => seen.Aborted == 1);
        await UntilFree(echo);
    }

    [Fact]
    public async Task Client_cancellation_before_the_response_aborts_the_pods_request()
    {
        var echo = await StartWithOneSlot();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var waiting = echo.Card.Send(HttpMethod.Post, echo.PathOf("/hold/cancel"), echo.Key, new StringContent("a body"), end.Token);
        await echo.WaitForCounts("/hold/cancel", seen => seen.Began == 1);

        await end.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await echo.WaitForCounts("/hold/cancel", seen => seen.Aborted == 1);
        await UntilFree(echo);
    }

    [Fact]
    public async Task Client_disconnect_during_a_download_aborts_the_pods_request()
    {
        var echo = await StartWithOneSlot();
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("GET", "/endless/download") + "\r\n");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        await connection.ReadBytes(1 << 20);
        await UntilFull(echo);

        connection.Abort();

        await echo.WaitForCounts("/endless/download", seen => seen.Aborted == 1);
        await UntilFree(echo);
    }

    [Fact]
    public async Task Client_disconnect_between_two_events_aborts_the_pods_request()
    {
        var echo = await StartWithOneSlot();
        var opening = echo.Send(HttpMethod.Get, "/events/stream?count=2");
        await echo.Tick();
        using (var response = await opening)
        {
            using var events = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
            (await events.ReadLineAsync(Cancellation)).ShouldBe("data: 0");
            await UntilFull(echo);
        }

        await echo.WaitForCounts("/events/stream", seen => seen.Aborted == 1);
        await UntilFree(echo);
    }

    [Fact]
    public async Task Client_disconnect_while_queued_frees_the_place_in_the_queue()
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
        await holder.Write(echo.RequestHead("GET", "/hold/first") + "\r\n");
        await echo.WaitForCounts("/hold/first", seen => seen.Began == 1);
        var waiter = await Queued(echo, "/hold/second");

        waiter.Abort();
        await waiter.DisposeAsync();

        await Eventually.Get(() => Code(echo), code => code == Waits, Cancellation);
        holder.Abort();

        await UntilFree(echo);
        (await echo.GetCounts("/hold/second")).Began.ShouldBe(0);
    }

    [Fact]
    public async Task Pod_abort_before_the_response_yields_502()
    {
        var echo = await StartWithOneSlot();
        using var response = await echo.Send(HttpMethod.Get, "/abort/before-head");
        (await Card.ReadProblem(response, HttpStatusCode.BadGateway, Cancellation)).ShouldBe("POD_CONNECTION_FAILED");
        await UntilFree(echo);
    }

    [Theory]
    [InlineData("", "d\r\nthe beginning\r\n")]
    [InlineData("?length=1000", "the beginning")]
    public async Task Pod_abort_during_the_response_aborts_the_clients_connection(string length, string beginning)
    {
        var echo = await StartWithOneSlot();
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("GET", $"/abort/in-body{length}") + "\r\n");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadText(beginning.Length)).ShouldBe(beginning);

        await echo.Tick();

        // The response has no regular end: neither a last chunk nor the declared length.
        (await connection.ReadToEnd()).ShouldBeEmpty();
        await UntilFree(echo);
    }

    [Fact]
    public async Task Pod_killed_during_the_response_aborts_the_clients_connection()
    {
        var echo = await StartWithOneSlot();
        using var response = await echo.Send(HttpMethod.Get, "/endless/killed");
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);

        await echo.Kill();

        await Should.ThrowAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancellation));
        await UntilFree(echo);
    }

    [Fact]
    public async Task Pod_killed_before_the_response_yields_502()
    {
        var echo = await StartWithOneSlot();
        var waiting = echo.Send(HttpMethod.Get, "/hold/killed");
        await echo.WaitForCounts("/hold/killed", seen => seen.Began == 1);

        await echo.Kill();

        using var response = await waiting;
        (await Card.ReadProblem(response, HttpStatusCode.BadGateway, Cancellation)).ShouldBe("POD_CONNECTION_FAILED");
        await UntilFree(echo);
    }

    [Fact]
    public async Task Pod_killed_during_an_upload_yields_502()
    {
        var echo = await StartWithOneSlot();
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", "/count/killed") + "Content-Length: 1000000000\r\n\r\n");
        await connection.Write(new byte[10_000]);
        await echo.WaitForCounts("/count/killed", seen => seen.Received > 0);

        await echo.Kill();

        // The gateway notices the broken connection when it forwards the next bytes.
        var sending = Upload(connection);
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 502 Bad Gateway\n");
        connection.Abort();
        await sending;
        await UntilFree(echo);
    }

    private Task<EchoDeployment> StartWithOneSlot() =>
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

    /// <summary>
    /// Sends a request that occupies the only place in the queue. Retries if one of the test's own probing requests occupied the place
    /// first.
    /// </summary>
    private static async Task<RawConnection> Queued(EchoDeployment echo, string path)
    {
        while (true)
        {
            var waiter = await echo.Open();
            await waiter.Write(echo.RequestHead("GET", path) + "\r\n");
            if (await Code(echo) == "QUEUE_FULL")
                return waiter;
            await waiter.DisposeAsync();
        }
    }

    private static Task UntilFull(EchoDeployment echo) => Eventually.Get(() => Code(echo), code => code == "QUEUE_FULL", Cancellation);

    private static Task UntilFree(EchoDeployment echo) => Eventually.Get(() => Code(echo), code => code is null, Cancellation);

    /// <summary>Sends a request and returns the code with which it is rejected; null if it succeeds.</summary>
    private static async Task<string?> Code(EchoDeployment echo)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        end.CancelAfter(Patience);
        try
        {
            using var response = await echo.Card.Send(HttpMethod.Get, echo.PathOf("/status/200"), echo.Key, cancellationToken: end.Token);
            return response.IsSuccessStatusCode ? null : await Card.ReadProblem(response, response.StatusCode, Cancellation);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return Waits;
        }
    }
}
