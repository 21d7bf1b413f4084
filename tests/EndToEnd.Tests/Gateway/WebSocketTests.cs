using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>WebSocket connections between clients and pods.</summary>
public sealed class WebSocketTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private const byte PingFrame = 0x89;
    private const byte PongFrame = 0x8A;

    private readonly EchoDeployment echo = shared.Echo;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WebSocketMessageType.Text)]
    [InlineData(WebSocketMessageType.Binary)]
    public async Task Message_passes_in_both_directions_with_its_type(WebSocketMessageType type)
    {
        using var socket = await Connect(echo, "/ws");
        await socket.SendAsync("Grüße"u8.ToArray(), type, true, Cancellation);
        var (received, bytes) = await Receive(socket);
        received.ShouldBe(type);
        Encoding.UTF8.GetString(bytes).ShouldBe("Grüße");
    }

    [Fact]
    public async Task Message_of_a_mebibyte_passes_in_both_directions()
    {
        using var socket = await Connect(echo, "/ws");
        var message = RandomNumberGenerator.GetBytes(1 << 20);
        // Send and receive concurrently, because the echo starts before the message is complete.
        var sending = socket.SendAsync(message, WebSocketMessageType.Binary, true, Cancellation);
        var (_, bytes) = await Receive(socket);
        await sending;
        bytes.ShouldBe(message);
    }

    [Fact]
    public async Task Fragmented_message_arrives_as_one()
    {
        using var socket = await Connect(echo, "/ws");
        await socket.SendAsync("one, "u8.ToArray(), WebSocketMessageType.Text, false, Cancellation);
        await socket.SendAsync("two"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        (await Receive(socket)).Bytes.ShouldBe("one, two"u8.ToArray());
    }

    [Fact]
    public async Task Close_by_the_client_reaches_the_pod_with_its_reason()
    {
        using var socket = await Connect(echo, "/ws/closed");
        await socket.CloseAsync((WebSocketCloseStatus)4001, "that is all", Cancellation);
        // The pod echoes the close status and description.
        ((int?)socket.CloseStatus).ShouldBe(4001);
        socket.CloseStatusDescription.ShouldBe("that is all");
        await echo.WaitForCounts("/ws/closed", seen => seen.Completed == 1);
    }

    [Fact]
    public async Task Close_by_the_pod_reaches_the_client_with_its_reason()
    {
        using var socket = await Connect(echo, "/ws-close?code=4002&reason=no%20more");
        (await Receive(socket)).Type.ShouldBe(WebSocketMessageType.Close);
        ((int?)socket.CloseStatus).ShouldBe(4002);
        socket.CloseStatusDescription.ShouldBe("no more");
    }

    [Fact]
    public async Task Pod_selects_a_subprotocol_offered_by_the_client()
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
    public async Task Ping_of_the_client_gets_a_pong_of_the_pod()
    {
        await using var connection = await Upgraded("/ws/ping");
        // A mask of zeros leaves the payload unchanged.
        await connection.Write(new byte[] { PingFrame, 0x80 | 4, 0, 0, 0, 0, (byte)'p', (byte)'i', (byte)'n', (byte)'g' });
        (await connection.ReadBytes(6)).ShouldBe([PongFrame, 4, (byte)'p', (byte)'i', (byte)'n', (byte)'g']);
    }

    [Fact]
    public async Task Ping_of_the_pod_reaches_the_client()
    {
        await using var connection = await Upgraded("/ws-ping");
        (await connection.ReadBytes(1)).ShouldBe([PingFrame]);
    }

    [Fact]
    public async Task Abort_by_the_client_ends_the_pods_socket()
    {
        using var socket = await Connect(echo, "/ws/aborted");
        await echo.WaitForCounts("/ws/aborted", seen => seen.Began == 1);

        socket.Abort();

        await echo.WaitForCounts("/ws/aborted", seen => seen.Aborted == 1);
    }

    [Fact]
    public async Task Killed_pod_ends_the_clients_socket()
    {
        var own = await EchoDeployment.Start(shared, new { pods = "1-1" });
        using var socket = await Connect(own, "/ws");
        await socket.SendAsync("there"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        await Receive(socket);

        await own.Kill();

        await Should.ThrowAsync<WebSocketException>(() => Receive(socket));
    }

    [Fact]
    public async Task Socket_holds_its_slot_until_it_ends()
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
            (await Card.ReadProblem(refused, HttpStatusCode.ServiceUnavailable, Cancellation)).ShouldBe("QUEUE_FULL");
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
    public async Task Rejected_key_opens_no_socket(string? key)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (key is not null)
            socket.Options.SetRequestHeader("X-API-Key", key);

        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(Address(echo, "/ws/refused"), Cancellation));

        socket.HttpStatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await echo.GetCounts("/ws/refused")).Began.ShouldBe(0);
    }

    [Fact]
    public async Task Bearer_key_opens_a_socket()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {echo.Key}");
        await socket.ConnectAsync(Address(echo, "/ws"), Cancellation);
        socket.State.ShouldBe(WebSocketState.Open);
    }

    [Fact]
    public async Task Response_of_a_pod_that_declines_the_upgrade_is_passed_on()
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

    private static Uri Address(EchoDeployment echo, string path) => new($"ws://localhost:{echo.Card.Silo.Port}{echo.PathOf(path)}");

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

    /// <summary>Opens an upgraded raw connection, for frames that client libraries neither send nor expose.</summary>
    private async Task<RawConnection> Upgraded(string path)
    {
        var connection = await echo.Open();
        await connection.Write(
            echo.RequestHead("GET", path)
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 101 Switching Protocols\n");
        return connection;
    }
}
