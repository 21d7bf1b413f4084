using System.Net;
using System.Net.Sockets;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>
/// Connections to pods on this machine, on which no packet is lost: that a node that vanished is noticed is seen in the end-to-end tests, on a network of their own.
/// </summary>
public sealed class PodConnectionsTests : IDisposable
{
    private readonly TcpListener pod = new(IPAddress.Loopback, 0);
    private readonly PodConnections connections = new(TimeProvider.System);
    private readonly HttpMessageInvoker http;

    public PodConnectionsTests()
    {
        pod.Start();
        http = new(new SocketsHttpHandler { UseProxy = false, ConnectCallback = connections.Open });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        http.Dispose();
        connections.Dispose();
        pod.Dispose();
    }

    [Fact]
    public async Task A_pod_that_does_not_read_is_not_gone()
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 1 << 20 };
        await client.ConnectAsync(pod.LocalEndpoint, Cancellation);
        using var server = await pod.AcceptSocketAsync(Cancellation);
        client.Blocking = false;
        while (client.Poll(0, SelectMode.SelectWrite))
            client.Send(new byte[1 << 16]);

        await Until(() => Questions(client) >= 3);

        // One may be on its way.
        SentBytes.Unanswered(client).ShouldBeLessThan(2);
    }

    [Fact]
    public async Task A_connection_is_looked_after_until_it_is_closed()
    {
        var answer = http.SendAsync(new(HttpMethod.Get, new Uri($"http://{pod.LocalEndpoint}/")), Cancellation);
        using (var server = await pod.AcceptSocketAsync(Cancellation))
        {
            // Once the request is here its connection has been given out.
            (await server.ReceiveAsync(new byte[1024], Cancellation)).ShouldBeGreaterThan(0);
            connections.Count.ShouldBe(1);
            // The client would try again by itself.
            pod.Stop();
            server.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive).ShouldBe(0);
        }

        await Should.ThrowAsync<HttpRequestException>(answer);
        await Until(() => connections.Count == 0);
    }

    private static async Task Until(Func<bool> holds)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>How often the system has asked in vain whether there is room again (<c>tcpi_backoff</c>).</summary>
    private static int Questions(Socket socket)
    {
        Span<byte> info = stackalloc byte[5];
        socket.GetRawSocketOption(6, 11, info);
        return info[4];
    }
}
