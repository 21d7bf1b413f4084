using System.Net;
using System.Net.Sockets;
using DeployCard.Gateway;
using DeployCard.Tests.Support;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>
/// Connections to pods on this machine, which loses no packets. The detection of vanished nodes is covered by the end-to-end tests, which
/// run on a separate network.
/// </summary>
public sealed class PodConnectionsTests : IDisposable
{
    private readonly TcpListener pod = new(IPAddress.Loopback, 0);
    private readonly PodConnections connections = new(TimeProvider.System);
    private readonly HttpMessageInvoker http;

    public PodConnectionsTests()
    {
        pod.Start();
        http = new(new SocketsHttpHandler { UseProxy = false, ConnectCallback = connections.Connect });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        http.Dispose();
        connections.Dispose();
        pod.Dispose();
    }

    [Fact]
    public async Task Pod_that_does_not_read_is_not_unreachable()
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 1 << 20 };
        await client.ConnectAsync(pod.LocalEndpoint, Cancellation);
        using var server = await pod.AcceptSocketAsync(Cancellation);
        client.Blocking = false;
        while (client.Poll(0, SelectMode.SelectWrite))
            client.Send(new byte[1 << 16]);

        await Eventually.Get(() => Task.FromResult(WindowProbes(client)), probes => probes >= 3, Cancellation);

        // One probe may be in flight.
        TcpRetransmits.CountUnacknowledged(client).ShouldBeLessThan(2);
    }

    [Fact]
    public async Task Connection_is_tracked_until_it_is_closed()
    {
        var response = http.SendAsync(new(HttpMethod.Get, new Uri($"http://{pod.LocalEndpoint}/")), Cancellation);
        using (var server = await pod.AcceptSocketAsync(Cancellation))
        {
            // When the request arrives here, its connection is already tracked.
            (await server.ReceiveAsync(new byte[1024], Cancellation)).ShouldBeGreaterThan(0);
            connections.Count.ShouldBe(1);
            // The HTTP client would retry automatically.
            pod.Stop();
            server.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive).ShouldBe(0);
        }

        await Should.ThrowAsync<HttpRequestException>(response);
        await Eventually.Get(() => Task.FromResult(connections.Count), count => count == 0, Cancellation);
    }

    /// <summary>Number of unanswered zero-window probes of the operating system (<c>tcpi_backoff</c>).</summary>
    private static int WindowProbes(Socket socket)
    {
        Span<byte> info = stackalloc byte[5];
        socket.GetRawSocketOption(6, 11, info);
        return info[4];
    }
}
