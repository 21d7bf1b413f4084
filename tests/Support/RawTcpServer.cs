using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployCard.Tests.Support;

/// <summary>
/// A raw TCP server. Accepts one connection after the other, reads the first bytes, lets the test respond, and closes the connection.
/// </summary>
public sealed class RawTcpServer : IDisposable
{
    private readonly TcpListener listener;

    /// <param name="respond">
    /// Callback that responds; receives the first bytes of the request as text, and the stream of the connection.
    /// </param>
    /// <param name="address">IP address to listen on, with a free port.</param>
    public RawTcpServer(Func<string, Stream, Task> respond, string address = "127.0.0.1")
    {
        listener = new(IPAddress.Parse(address), 0);
        listener.Start();
        _ = Serve(respond);
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
            // The test has ended.
        }
    }
}
