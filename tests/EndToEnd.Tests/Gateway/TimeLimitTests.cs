using System.Net;
using System.Net.WebSockets;
using System.Text;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>The four time limits of a request, each by itself. Time that has to pass is awaited by a slow request beside.</summary>
public sealed class TimeLimitTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_that_does_not_begin_to_answer_in_time_is_given_up_and_told_so()
    {
        var (name, key) = await Deploy(new { firstByteTimeout = "PT1S" });
        using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/slow?ms=60000", key, cancellationToken: Cancellation);
        (await Card.Problem(response, HttpStatusCode.GatewayTimeout, Cancellation)).ShouldBe("FIRST_BYTE_TIMEOUT");
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldContain("X-Async-Request");
    }

    [Fact]
    public async Task A_long_stream_is_never_cut_by_the_limits_of_short_requests()
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
    public async Task A_stream_that_falls_silent_is_cut_off(string firstByteTimeout, string streamIdleTimeout)
    {
        var (name, key) = await Deploy(new { firstByteTimeout, streamIdleTimeout });
        var opening = card.Send(HttpMethod.Get, $"/predict/{name}/events?count=2", key, cancellationToken: Cancellation);
        await Tick(name, key);
        await using var events = await (await opening).Content.ReadAsStreamAsync(Cancellation);

        await Should.ThrowAsync<IOException>(() => events.CopyToAsync(Stream.Null, Cancellation));
    }

    [Fact]
    public async Task A_whole_request_may_be_bounded_also_while_its_stream_speaks()
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
    public async Task No_limit_applies_to_a_websocket()
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
    public async Task An_upload_that_moves_may_take_longer_than_the_first_byte()
    {
        // Twice the limit in all, and far from it between two parts, also on a busy machine.
        var (name, key) = await Deploy(new { firstByteTimeout = "PT4S" });
        // The start of what is asked for the time is not between two parts.
        await Pass(TimeSpan.Zero);
        using var content = new PacedContent(parts: 8, TimeSpan.FromSeconds(1), Pass);
        using var response = await card.Send(HttpMethod.Post, $"/predict/{name}/count", key, content, Cancellation);
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("8000");
    }

    private async Task<(string Name, string Key)> Deploy(object configuration)
    {
        var name = shared.NewName("limited");
        var key = await card.Deploy(name, "echo", configuration);
        // The limits begin when a pod has the request: its start is not a part of them.
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

    /// <summary>Lets time pass in the silo: a request of another deployment takes that long.</summary>
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

    /// <summary>A body that comes in parts with time between.</summary>
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
