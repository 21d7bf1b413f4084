using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployCard.Tests.Support;

/// <summary>A server without a library: it takes one connection after the other, reads what comes first, has the test answer, and closes.</summary>
public sealed class BareServer : IDisposable
{
    private readonly TcpListener listener;

    /// <param name="answer">What is done with a request, of which it gets the first bytes as text.</param>
    /// <param name="address">Where it listens, at a port of its own.</param>
    public BareServer(Func<string, Stream, Task> answer, string address = "127.0.0.1")
    {
        listener = new(IPAddress.Parse(address), 0);
        listener.Start();
        _ = Serve(answer);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose() => listener.Dispose();

    private async Task Serve(Func<string, Stream, Task> answer)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var buffer = new byte[4096];
                var read = await client.GetStream().ReadAsync(buffer);
                await answer(Encoding.ASCII.GetString(buffer, 0, read), client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
