using System.Net;
using DeployCard.Silo.Gateway;
using DeployCard.Tests.Support;

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
        var nextRead = new TaskCompletionSource<int>();
        using var pod = new BareServer(
            async (_, connection) =>
            {
                await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancellation);
                nextRead.SetResult(await connection.ReadAsync(new byte[1], Cancellation));
            }
        );
        using var client = new PodClient(TimeProvider.System);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{pod.Port}/"));
        using var answer = await client.Http.SendAsync(request, Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await nextRead.Task.WaitAsync(KeepAliveOfServers, TimeProvider.System, Cancellation)).ShouldBe(0);
    }
}
