using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>How the server's connections hand what they receive on.</summary>
internal sealed class GatewaySockets(IOptions<GatewayOptions> options) : IConfigureOptions<SocketTransportOptions>
{
    public void Configure(SocketTransportOptions sockets) => sockets.UnsafePreferInlineScheduling = options.Value.InlineScheduling;
}
