using System.Net;

namespace DeployCard.Gateway;

/// <summary>HTTP client for pods. Synchronous and asynchronous requests share its pooled connections.</summary>
internal sealed class PodClient : IDisposable
{
    private readonly PodConnections connections;

    public PodClient(TimeProvider time)
    {
        connections = new(time);
        Http = new(
            new PodHttpHandler(
                new SocketsHttpHandler
                {
                    UseProxy = false,
                    AllowAutoRedirect = false,
                    AutomaticDecompression = DecompressionMethods.None,
                    UseCookies = false,
                    EnableMultipleHttp2Connections = true,
                    ActivityHeadersPropagator = null,
                    // Shorter than the usual keep-alive timeout of servers (uvicorn and Node.js: 5 s), because a request sent while the pod
                    // closes its idle connection is lost.
                    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
                    // Enough for the operating system to send a second SYN. No part of the request was sent yet, so another pod can take
                    // it.
                    ConnectTimeout = TimeSpan.FromSeconds(2),
                    ConnectCallback = connections.Connect,
                }
            )
        );
    }

    /// <summary>Invoker that sends requests to pods.</summary>
    public HttpMessageInvoker Http { get; }

    public void Dispose()
    {
        Http.Dispose();
        connections.Dispose();
    }
}
