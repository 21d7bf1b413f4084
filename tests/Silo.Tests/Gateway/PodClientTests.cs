using System.Net;
using DeployCard.Gateway;
using DeployCard.Tests.Support;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>HTTP client for pods over a real socket.</summary>
public sealed class PodClientTests
{
    // The default of uvicorn and Node.js. A server that closes a connection when a request arrives loses the request, and the client cannot
    // know whether it was processed.
    private static readonly TimeSpan KeepAliveOfServers = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Idle_connection_is_closed_before_the_server_closes_it()
    {
        var nextRead = new TaskCompletionSource<int>();
        using var pod = new RawTcpServer(
            async (_, connection) =>
            {
                await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancellation);
                nextRead.SetResult(await connection.ReadAsync(new byte[1], Cancellation));
            }
        );
        using var client = new PodClient(TimeProvider.System);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{pod.Port}/"));
        using var response = await client.Http.SendAsync(request, Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await nextRead.Task.WaitAsync(KeepAliveOfServers, TimeProvider.System, Cancellation)).ShouldBe(0);
    }
}
