using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>What the gateway asks of the server: bounds of requests, and an address of its own for HTTP/2 without TLS.</summary>
internal sealed class GatewayServer(IOptions<GatewayOptions> options, IConfiguration configuration) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions server)
    {
        var gateway = options.Value;
        server.AddServerHeader = false;
        server.Limits.KeepAliveTimeout = gateway.KeepAliveTimeout;
        server.Limits.RequestHeadersTimeout = gateway.HeaderTimeout;
        server.Limits.MaxRequestHeadersTotalSize = gateway.MaxHeaderBytes;
        server.Limits.MaxRequestHeaderCount = gateway.MaxHeaders;
        server.Limits.MinRequestBodyDataRate = Rate(gateway);
        server.Limits.MinResponseDataRate = Rate(gateway);
        // With many streams on one connection the usual window (96 KiB for each) holds large bodies up.
        server.Limits.Http2.InitialStreamWindowSize = 1 << 20;
        server.Limits.Http2.InitialConnectionWindowSize = 4 << 20;
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

    private static MinDataRate? Rate(GatewayOptions gateway) => gateway.MinBytesPerSecond == 0 ? null : new(gateway.MinBytesPerSecond, gateway.SlowGrace);
}
