using System.Net;
using System.Net.WebSockets;
using System.Text;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>
/// The four timeouts of a request, each tested separately. The tests let time pass by means of a concurrent slow request.
/// </summary>
public sealed class TimeoutTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pod_without_a_first_byte_in_time_yields_504()
    {
        var (name, key) = await Deploy(new { firstByteTimeout = "PT1S" });
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/slow?ms=60000", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(response, HttpStatusCode.GatewayTimeout, Cancellation)).ShouldBe("FIRST_BYTE_TIMEOUT");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain("X-Async-Request");
    }

    [Fact]
    public async Task Long_stream_is_not_cut_by_the_first_byte_timeout()
    {
        var (name, key) = await Deploy(new { firstByteTimeout = "PT1S" });
        var opening = card.Send(HttpMethod.Get, $"/predict/{name}/events?count=2", key, cancellationToken: Cancellation);
        await Tick(name, key);
        using var events = new StreamReader(await (await opening).Content.ReadAsStreamAsync(Cancellation));
        (await events.ReadLineAsync(Cancellation)).ShouldBe("data: 0");

        await Pass(TimeSpan.FromSeconds(2.5));

        await Tick(name, key);
        (await events.ReadLineAsync(Cancellation)).ShouldBe("");
        (await events.ReadLineAsync(Cancellation)).ShouldBe("data: 1");
    }

    [Theory]
    [InlineData("PT1S", "PT1S")]
    [InlineData("PT1M", "PT1S")]
    public async Task Silent_stream_is_aborted(string firstByteTimeout, string streamIdleTimeout)
    {
        var (name, key) = await Deploy(new { firstByteTimeout, streamIdleTimeout });
        var opening = card.Send(HttpMethod.Get, $"/predict/{name}/events?count=2", key, cancellationToken: Cancellation);
        await Tick(name, key);
        await using var events = await (await opening).Content.ReadAsStreamAsync(Cancellation);

        await Should.ThrowAsync<IOException>(() => events.CopyToAsync(Stream.Null, Cancellation));
    }

    [Fact]
    public async Task Request_timeout_aborts_an_active_stream()
    {
        var (name, key) = await Deploy(new { requestTimeout = "PT2S" });
        var opening = card.Send(HttpMethod.Get, $"/predict/{name}/events?count=1000000", key, cancellationToken: Cancellation);
        await Tick(name, key);
        await using var events = await (await opening).Content.ReadAsStreamAsync(Cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ticking = KeepTicking(name, key, end.Token);

        await Should.ThrowAsync<IOException>(() => events.CopyToAsync(Stream.Null, Cancellation));
        await end.CancelAsync();
        await ticking;
    }

    [Fact]
    public async Task WebSocket_has_no_timeout()
    {
        var (name, key) = await Deploy(
            new
            {
                firstByteTimeout = "PT1S",
                streamIdleTimeout = "PT1S",
                requestTimeout = "PT1S",
            }
        );
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-API-Key", key);
        await socket.ConnectAsync(new Uri($"ws://localhost:{card.Silo.Port}/predict/{name}/ws"), Cancellation);

        await Pass(TimeSpan.FromSeconds(3));

        await socket.SendAsync(Encoding.UTF8.GetBytes("still here"), WebSocketMessageType.Text, true, Cancellation);
        var buffer = new byte[100];
        var message = await socket.ReceiveAsync(buffer.AsMemory(), Cancellation);
        Encoding.UTF8.GetString(buffer, 0, message.Count).ShouldBe("still here");
    }

    [Fact]
    public async Task Active_upload_may_take_longer_than_the_first_byte_timeout()
    {
        // Twice the timeout in total, but far less between two parts, even on a busy machine.
        var (name, key) = await Deploy(new { firstByteTimeout = "PT4S" });
        // Starts the clock deployment now, so that its cold start does not fall between two parts.
        await Pass(TimeSpan.Zero);
        using var content = new PacedContent(parts: 8, TimeSpan.FromSeconds(1), Pass);
        using var response = await card.Send(HttpMethod.Post, $"/predict/{name}/count", key, content, Cancellation);
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("8000");
    }

    private async Task<(string Name, string Key)> Deploy(object configuration)
    {
        var name = shared.NewName("limited");
        var key = await card.Deploy(name, "echo", configuration);
        // Starts the pod first, because the timeouts begin when a pod gets the request.
        using var ready = await card.Send(HttpMethod.Get, $"/predict/{name}/status/200", key, cancellationToken: Cancellation);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (name, key);
    }

    private async Task Tick(string name, string key)
    {
        using var ticked = await card.Send(HttpMethod.Post, $"/predict/{name}/tick", key, cancellationToken: Cancellation);
    }

    private async Task KeepTicking(string name, string key, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            await Tick(name, key);
    }

    /// <summary>Lets time pass by means of a request to another deployment that takes this long.</summary>
    private async Task Pass(TimeSpan time)
    {
        clock ??= await Deploy(new { });
        using var slow = await card.Send(
            HttpMethod.Get,
            $"/predict/{clock.Value.Name}/slow?ms={time.TotalMilliseconds}",
            clock.Value.Key,
            cancellationToken: Cancellation
        );
        (await slow.Content.ReadAsStringAsync(Cancellation)).ShouldBe("slept");
    }

    private (string Name, string Key)? clock;

    /// <summary>Body that is sent in parts with a delay between them.</summary>
    private sealed class PacedContent(int parts, TimeSpan pause, Func<TimeSpan, Task> pass) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var part = 0; part < parts; part++)
            {
                await stream.WriteAsync(new byte[1000]);
                await stream.FlushAsync();
                await pass(pause);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
