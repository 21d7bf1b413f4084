using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Gateway;

/// <summary>Configures Kestrel for the gateway: limits of requests, and an additional address for cleartext HTTP/2.</summary>
internal sealed class GatewayServer(IConfiguration configuration)
    : IConfigureOptions<KestrelServerOptions>,
        IConfigureOptions<SocketTransportOptions>
{
    /// <summary>
    /// Kestrel is configured before the options are validated. Invalid settings are therefore replaced by defaults here. The validation at
    /// startup reports them together with all other invalid settings, and the server does not start.
    /// </summary>
    private readonly GatewayOptions gateway =
        configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() is { } given
        && Validator.TryValidateObject(given, new(given), null, validateAllProperties: true)
            ? given
            : new();

    public void Configure(SocketTransportOptions options) => options.UnsafePreferInlineScheduling = gateway.InlineScheduling;

    public void Configure(KestrelServerOptions options) => Configure(options, options.Limits);

    private void Configure(KestrelServerOptions server, KestrelServerLimits limits)
    {
        server.AddServerHeader = false;
        limits.KeepAliveTimeout = gateway.KeepAliveTimeout;
        limits.RequestHeadersTimeout = gateway.HeaderTimeout;
        limits.MaxRequestHeadersTotalSize = gateway.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = gateway.MaxHeaderCount;
        limits.MinRequestBodyDataRate = MinRate();
        limits.MinResponseDataRate = MinRate();
        // The default window of 96 KiB for each stream slows down large bodies when one connection has many streams.
        limits.Http2.InitialStreamWindowSize = 1 << 20;
        limits.Http2.InitialConnectionWindowSize = 4 << 20;
        if (gateway.Http2Url is { Length: > 0 } http2)
            UseHttp2(server, BindingAddress.Parse(http2).Port);
    }

    /// <summary>Restricts the endpoint on <paramref name="port"/> to HTTP/2. The server's other endpoints stay as they are.</summary>
    private static void UseHttp2(KestrelServerOptions server, int port) =>
        server.ConfigureEndpointDefaults(endpoint =>
        {
            if (endpoint.IPEndPoint?.Port == port)
                endpoint.Protocols = HttpProtocols.Http2;
        });

    private MinDataRate? MinRate() => gateway.MinDataRate == 0 ? null : new(gateway.MinDataRate, gateway.MinDataRateGracePeriod);
}
