using System.Net;
using System.Net.Sockets;
using DeployCard.Contracts.Callbacks;
using Microsoft.Extensions.Options;

namespace DeployCard.Callbacks;

/// <summary>
/// HTTP client for receivers of callbacks, with its own connection pool. Each connection is made to an address that was resolved and
/// checked for this connection, and TLS verifies the host name. Requests use no proxy and contain no cookies, credentials or trace context
/// of the silo.
/// </summary>
internal sealed partial class CallbackClient : IDisposable
{
    private readonly CallbackAddressPolicy addresses;
    private readonly ILogger<CallbackClient> logger;

    public CallbackClient(CallbackAddressPolicy addresses, IOptions<CallbackOptions> options, ILogger<CallbackClient> logger)
    {
        (this.addresses, this.logger) = (addresses, logger);
        Http = new(
            new SocketsHttpHandler
            {
                ConnectCallback = Connect,
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                ActivityHeadersPropagator = null,
                ConnectTimeout = options.Value.Timeout,
                MaxConnectionsPerServer = options.Value.MaxConcurrencyPerHost,
                MaxResponseHeadersLength = 16,
                // Limits how long a connection outlives a change of the DNS record.
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
                // The rest of a response body that was not read completely is not drained; the connection is closed.
                MaxResponseDrainSize = 0,
            }
        );
    }

    public HttpMessageInvoker Http { get; }

    public void Dispose() => Http.Dispose();

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var resolved = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = addresses.AllowsHost(host) ? resolved : [.. resolved.Where(addresses.Allows)];
        if (allowed.Length == 0)
        {
            LogHostNotAllowed(logger, host, string.Join(", ", resolved.Select(address => address.ToString())));
            throw new CallbackHostNotAllowedException(host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Callback to host {Host} was blocked: its addresses {Addresses} are not public and not allowed by the settings"
    )]
    private static partial void LogHostNotAllowed(ILogger logger, string host, string addresses);
}

/// <summary>
/// Thrown if none of a host's addresses is allowed. The addresses are only logged: the caller who named the host must not learn how names
/// resolve in the silo's network.
/// </summary>
internal sealed class CallbackHostNotAllowedException(string host)
    : IOException(
        $"The address of {host} is not allowed: it is not public and not listed in Callbacks:AllowedNetworks or Callbacks:AllowedHosts."
    );
