using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>WebSockets between clients and pods.</summary>
public sealed class WebSocketTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private const byte PingFrame = 0x89;
    private const byte PongFrame = 0x8A;

    private readonly EchoDeployment echo = shared.Echo;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WebSocketMessageType.Text)]
    [InlineData(WebSocketMessageType.Binary)]
    public async Task A_message_passes_both_ways_as_what_it_is(WebSocketMessageType type)
    {
        using var socket = await Connect(echo, "/ws");
        await socket.SendAsync("Grüße"u8.ToArray(), type, true, Cancellation);
        var (received, bytes) = await Receive(socket);
        received.ShouldBe(type);
        Encoding.UTF8.GetString(bytes).ShouldBe("Grüße");
    }

    [Fact]
    public async Task A_message_of_a_mebibyte_passes_both_ways()
    {
        using var socket = await Connect(echo, "/ws");
        var message = RandomNumberGenerator.GetBytes(1 << 20);
        // Both at once: it comes back while it is sent.
        var sending = socket.SendAsync(message, WebSocketMessageType.Binary, true, Cancellation);
        var (_, bytes) = await Receive(socket);
        await sending;
        bytes.ShouldBe(message);
    }

    [Fact]
    public async Task A_message_in_parts_arrives_as_one()
    {
        using var socket = await Connect(echo, "/ws");
        await socket.SendAsync("one, "u8.ToArray(), WebSocketMessageType.Text, false, Cancellation);
        await socket.SendAsync("two"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        (await Receive(socket)).Bytes.ShouldBe("one, two"u8.ToArray());
    }

    [Fact]
    public async Task The_clients_close_reaches_the_pod_with_its_reason()
    {
        using var socket = await Connect(echo, "/ws/closed");
        await socket.CloseAsync((WebSocketCloseStatus)4001, "that is all", Cancellation);
        // The pod closes with what it was told.
        ((int?)socket.CloseStatus).ShouldBe(4001);
        socket.CloseStatusDescription.ShouldBe("that is all");
        await echo.SeenWhen("/ws/closed", seen => seen.Completed == 1);
    }

    [Fact]
    public async Task The_pods_close_reaches_the_client_with_its_reason()
    {
        using var socket = await Connect(echo, "/ws-close?code=4002&reason=no%20more");
        (await Receive(socket)).Type.ShouldBe(WebSocketMessageType.Close);
        ((int?)socket.CloseStatus).ShouldBe(4002);
        socket.CloseStatusDescription.ShouldBe("no more");
    }

    [Fact]
    public async Task The_pod_chooses_among_the_subprotocols_that_the_client_offers()
    {
        using var socket = await Connect(
            echo,
            "/ws",
            options =>
            {
                options.AddSubProtocol("first");
                options.AddSubProtocol("last");
            }
        );
        socket.SubProtocol.ShouldBe("last");
    }

    [Fact]
    public async Task A_ping_of_the_client_is_answered_by_the_pod()
    {
        await using var connection = await Upgraded("/ws/ping");
        // With a mask of zeros the payload stands as it is.
        await connection.Write(new byte[] { PingFrame, 0x80 | 4, 0, 0, 0, 0, (byte)'p', (byte)'i', (byte)'n', (byte)'g' });
        (await connection.ReadBytes(6)).ShouldBe([PongFrame, 4, (byte)'p', (byte)'i', (byte)'n', (byte)'g']);
    }

    [Fact]
    public async Task A_ping_of_the_pod_reaches_the_client()
    {
        await using var connection = await Upgraded("/ws-ping");
        (await connection.ReadBytes(1)).ShouldBe([PingFrame]);
    }

    [Fact]
    public async Task A_client_that_aborts_ends_the_pods_socket()
    {
        using var socket = await Connect(echo, "/ws/aborted");
        await echo.SeenWhen("/ws/aborted", seen => seen.Began == 1);

        socket.Abort();

        await echo.SeenWhen("/ws/aborted", seen => seen.Aborted == 1);
    }

    [Fact]
    public async Task A_pod_that_is_killed_ends_the_clients_socket()
    {
        var own = await EchoDeployment.Start(shared, new { pods = "1-1" });
        using var socket = await Connect(own, "/ws");
        await socket.SendAsync("there"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        await Receive(socket);

        await own.Kill();

        await Should.ThrowAsync<WebSocketException>(() => Receive(socket));
    }

    [Fact]
    public async Task A_socket_has_its_place_until_it_ends()
    {
        var own = await EchoDeployment.Start(
            shared,
            new
            {
                pods = "1-1",
                concurrency = 1,
                queueLength = 0,
            }
        );
        using (var socket = await Connect(own, "/ws"))
        {
            using var refused = await own.Send(HttpMethod.Get, "/status/200");
            (await Card.Problem(refused, HttpStatusCode.ServiceUnavailable, Cancellation)).ShouldBe("QUEUE_FULL");
        }

        await Eventually.Get(
            async () =>
            {
                using var response = await own.Send(HttpMethod.Get, "/status/200");
                return response.StatusCode;
            },
            status => status == HttpStatusCode.OK,
            Cancellation
        );
    }

    [Theory]
    [InlineData(null)]
    [InlineData("dck_no-key-at-all")]
    public async Task A_refused_key_opens_no_socket(string? key)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (key is not null)
            socket.Options.SetRequestHeader("X-API-Key", key);

        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(Address(echo, "/ws/refused"), Cancellation));

        socket.HttpStatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await echo.Seen("/ws/refused")).Began.ShouldBe(0);
    }

    [Fact]
    public async Task A_key_as_bearer_opens_a_socket()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {echo.Key}");
        await socket.ConnectAsync(Address(echo, "/ws"), Cancellation);
        socket.State.ShouldBe(WebSocketState.Open);
    }

    [Fact]
    public async Task A_pod_that_opens_no_socket_answers_as_it_likes()
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("X-API-Key", echo.Key);

        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(Address(echo, "/status/418"), Cancellation));

        ((int)socket.HttpStatusCode).ShouldBe(418);
    }

    private static async Task<ClientWebSocket> Connect(EchoDeployment echo, string path, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-API-Key", echo.Key);
        configure?.Invoke(socket.Options);
        await socket.ConnectAsync(Address(echo, path), Cancellation);
        return socket;
    }

    private static Uri Address(EchoDeployment echo, string path) => new($"ws://localhost:{echo.Card.Silo.Port}{echo.At(path)}");

    private static async Task<(WebSocketMessageType Type, byte[] Bytes)> Receive(ClientWebSocket socket)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromSeconds(30));
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), late.Token);
            message.Write(buffer, 0, part.Count);
        } while (!part.EndOfMessage);
        return (part.MessageType, message.ToArray());
    }

    /// <summary>A connection that has become a socket, for frames that no client library sends or shows.</summary>
    private async Task<RawConnection> Upgraded(string path)
    {
        var connection = await echo.Open();
        await connection.Write(
            echo.Head("GET", path)
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 101 Switching Protocols\n");
        return connection;
    }
}
