using System.Net;
using System.Net.Sockets;
using DeployCard.Grains.Callbacks;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Callbacks;

/// <summary>
/// The connections to receivers of callbacks, apart from all others. Each is made to an address that was looked up and checked just then; TLS
/// checks the name. Nothing of the silo's own goes along: no proxy, no cookie, no credential, no trace.
/// </summary>
internal sealed partial class CallbackClient : IDisposable
{
    private readonly CallbackAddresses addresses;
    private readonly ILogger<CallbackClient> logger;

    public CallbackClient(CallbackAddresses addresses, IOptions<CallbackOptions> options, ILogger<CallbackClient> logger)
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
                // A connection must not outlive for long what its name led to.
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
                // What is not read of an answer is not waited for either.
                MaxResponseDrainSize = 0,
            }
        );
    }

    public HttpMessageInvoker Http { get; }

    public void Dispose() => Http.Dispose();

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var written) ? [written] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = addresses.AllowsHost(host) ? found : [.. found.Where(addresses.Allows)];
        if (allowed.Length == 0)
        {
            LogRefused(logger, host, string.Join(", ", found.Select(address => address.ToString())));
            throw new CallbackRefusedException(host);
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
        Message = "A callback to host {Host} is refused: its addresses {Addresses} are not public, and no setting allows them"
    )]
    private static partial void LogRefused(ILogger logger, string host, string addresses);
}

/// <summary>
/// None of a host's addresses may be reached. Which ones these are is told to the log only: whoever named the host need not learn what the
/// silo's network makes of it.
/// </summary>
internal sealed class CallbackRefusedException(string host)
    : IOException(
        $"The address of {host} is not allowed: it is not public, and neither Callbacks:AllowedNetworks nor Callbacks:AllowedHosts names it."
    );
