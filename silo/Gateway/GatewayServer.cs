using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>What the gateway asks of the server: bounds of requests, and an address of its own for HTTP/2 without TLS.</summary>
internal sealed class GatewayServer(IConfiguration configuration) : IConfigureOptions<KestrelServerOptions>, IConfigureOptions<SocketTransportOptions>
{
    /// <summary>
    /// The server is made before the settings are checked: what is wrong with these is told then, together with all else that is wrong, and the
    /// server never starts with them.
    /// </summary>
    private readonly GatewayOptions gateway = configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() is { } given
        && Validator.TryValidateObject(given, new(given), null, validateAllProperties: true) ? given : new();

    public void Configure(SocketTransportOptions options) => options.UnsafePreferInlineScheduling = gateway.InlineScheduling;

    public void Configure(KestrelServerOptions options) => Configure(options, options.Limits);

    private void Configure(KestrelServerOptions server, KestrelServerLimits limits)
    {
        server.AddServerHeader = false;
        limits.KeepAliveTimeout = gateway.KeepAliveTimeout;
        limits.RequestHeadersTimeout = gateway.HeaderTimeout;
        limits.MaxRequestHeadersTotalSize = gateway.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = gateway.MaxHeaders;
        limits.MinRequestBodyDataRate = Rate();
        limits.MinResponseDataRate = Rate();
        // With many streams on one connection the usual window (96 KiB for each) holds large bodies up.
        limits.Http2.InitialStreamWindowSize = 1 << 20;
        limits.Http2.InitialConnectionWindowSize = 4 << 20;
        if (gateway.Http2Url is { } http2)
            Listen(server, http2);
    }

    /// <summary>An address that is listened on by code takes the place of those in the settings: they are named here too.</summary>
    private void Listen(KestrelServerOptions server, string http2)
    {
        foreach (var url in Hosting.SiloBuilder.Urls(configuration))
            Listen(server, BindingAddress.Parse(url), HttpProtocols.Http1AndHttp2);
        Listen(server, BindingAddress.Parse(http2), HttpProtocols.Http2);
    }

    private static void Listen(KestrelServerOptions server, BindingAddress address, HttpProtocols protocols)
    {
        if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            server.ListenLocalhost(address.Port, Endpoint);
        else if (IPAddress.TryParse(address.Host, out var ip))
            server.Listen(ip, address.Port, Endpoint);
        else
            server.ListenAnyIP(address.Port, Endpoint);

        void Endpoint(ListenOptions endpoint)
        {
            endpoint.Protocols = protocols;
            if (address.Scheme == Uri.UriSchemeHttps)
                endpoint.UseHttps();
        }
    }

    private MinDataRate? Rate() => gateway.MinBytesPerSecond == 0 ? null : new(gateway.MinBytesPerSecond, gateway.SlowGrace);
}
