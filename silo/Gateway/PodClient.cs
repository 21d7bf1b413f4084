using System.Net;

namespace DeployCard.Silo.Gateway;

/// <summary>The connections to pods, kept and shared by synchronous and asynchronous requests.</summary>
internal sealed class PodClient : IDisposable
{
    private readonly PodConnections connections;

    public PodClient(TimeProvider time)
    {
        connections = new(time);
        Http = new(
            new PodMessages(
                new SocketsHttpHandler
                {
                    UseProxy = false,
                    AllowAutoRedirect = false,
                    AutomaticDecompression = DecompressionMethods.None,
                    UseCookies = false,
                    EnableMultipleHttp2Connections = true,
                    ActivityHeadersPropagator = null,
                    // Shorter than servers keep them by custom (uvicorn and Node.js: 5 s): a request that goes out while its connection is being closed is lost.
                    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
                    // Time for the system to knock twice. Nothing was sent yet: another pod can have the request.
                    ConnectTimeout = TimeSpan.FromSeconds(2),
                    ConnectCallback = connections.Open,
                }
            )
        );
    }

    public HttpMessageInvoker Http { get; }

    public void Dispose()
    {
        Http.Dispose();
        connections.Dispose();
    }
}
