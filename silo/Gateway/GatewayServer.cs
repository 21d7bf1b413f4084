using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>What the gateway asks of the server: bounds of requests, and an address of its own for HTTP/2 without TLS.</summary>
internal sealed class GatewayServer(IConfiguration configuration)
    : IConfigureOptions<KestrelServerOptions>,
        IConfigureOptions<SocketTransportOptions>
{
    /// <summary>
    /// The server is made before the settings are checked: what is wrong with these is told then, together with all else that is wrong, and the
    /// server never starts with them.
    /// </summary>
    private readonly GatewayOptions gateway =
        configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() is { } given
        && Validator.TryValidateObject(given, new(given), null, validateAllProperties: true)
            ? given
            : new();

    /// <summary>The address for HTTP/2 without TLS, where the settings name one.</summary>
    public static string[] FurtherUrls(IConfiguration configuration) =>
        configuration[$"{GatewayOptions.Section}:{nameof(GatewayOptions.Http2Url)}"] is { Length: > 0 } url ? [url] : [];

    public void Configure(SocketTransportOptions options) => options.UnsafePreferInlineScheduling = gateway.InlineScheduling;

    public void Configure(KestrelServerOptions options) => Configure(options, options.Limits);

    private void Configure(KestrelServerOptions server, KestrelServerLimits limits)
    {
        server.AddServerHeader = false;
        limits.KeepAliveTimeout = gateway.KeepAliveTimeout;
        limits.RequestHeadersTimeout = gateway.HeaderTimeout;
        limits.MaxRequestHeadersTotalSize = gateway.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = gateway.MaxHeaderCount;
        limits.MinRequestBodyDataRate = Rate();
        limits.MinResponseDataRate = Rate();
        // With many streams on one connection the usual window (96 KiB for each) holds large bodies up.
        limits.Http2.InitialStreamWindowSize = 1 << 20;
        limits.Http2.InitialConnectionWindowSize = 4 << 20;
        if (gateway.Http2Url is { Length: > 0 } http2)
            SpeakHttp2(server, BindingAddress.Parse(http2).Port);
    }

    /// <summary>The address for HTTP/2 is one of the server's, told from the others by its port.</summary>
    private static void SpeakHttp2(KestrelServerOptions server, int port) =>
        server.ConfigureEndpointDefaults(endpoint =>
        {
            if (endpoint.IPEndPoint?.Port == port)
                endpoint.Protocols = HttpProtocols.Http2;
        });

    private MinDataRate? Rate() => gateway.MinDataRate == 0 ? null : new(gateway.MinDataRate, gateway.MinDataRateGracePeriod);
}
