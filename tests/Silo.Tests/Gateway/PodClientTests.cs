using System.Net;
using System.Net.Sockets;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>The client that sends to pods, over a real socket.</summary>
public sealed class PodClientTests
{
    // uvicorn's and Node.js'; a server that closes at the moment in which a request comes has lost it, and nobody knows whether it was seen.
    private static readonly TimeSpan KeepAliveOfServers = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_is_not_used_is_given_up_before_servers_do_so()
    {
        using var pod = new TcpListener(IPAddress.Loopback, 0);
        pod.Start();
        using var client = new PodClient(TimeProvider.System);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{pod.LocalEndpoint}/"));
        var answering = client.Http.SendAsync(request, Cancellation);
        using var server = await pod.AcceptSocketAsync(Cancellation);
        await server.ReceiveAsync(new byte[4096], Cancellation);
        await server.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancellation);
        using var answer = await answering;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var closed = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        closed.CancelAfter(KeepAliveOfServers);
        (await server.ReceiveAsync(new byte[1], closed.Token)).ShouldBe(0);
    }
}
