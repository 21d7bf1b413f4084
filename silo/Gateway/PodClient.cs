using System.Net;

namespace DeployCard.Silo.Gateway;

/// <summary>The connections to pods, kept and shared by synchronous and asynchronous requests.</summary>
internal sealed class PodClient : IDisposable
{
    private readonly PodConnections connections;

    public PodClient(TimeProvider time)
    {
        connections = new(time);
        Http = new(new PodMessages(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = null,
            // Time for the system to knock twice. Nothing was sent yet: another pod can have the request.
            ConnectTimeout = TimeSpan.FromSeconds(2),
            ConnectCallback = connections.Open,
        }));
    }

    public HttpMessageInvoker Http { get; }

    public void Dispose()
    {
        Http.Dispose();
        connections.Dispose();
    }
}
