using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace DeployCard.Gateway;

/// <summary>
/// Request headers that describe the original request to a pod: <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c>.
/// Values sent by a client are replaced, because a client could forge them. Behind a trusted proxy they are kept, and the proxy's address
/// is appended.
/// </summary>
internal sealed class ForwardedHeaders(IOptions<GatewayOptions> options)
{
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";
    private const string Host = "X-Forwarded-Host";
    private const string Prefix = "X-Forwarded-Prefix";
    private const string Standard = "Forwarded";

    private static readonly object AddressItem = new();

    /// <summary>Sets the headers on the request before it is forwarded or stored.</summary>
    /// <param name="context">The request to change.</param>
    /// <param name="prefix">Path prefix that the gateway removes: <c>/predict/{deployment}</c>.</param>
    public void Set(HttpContext context, string prefix)
    {
        var headers = context.Request.Headers;
        var address = AddressOf(context);
        var isTrusted = options.Value.TrustForwardedHeaders;
        headers[For] = isTrusted && headers.TryGetValue(For, out var given) ? $"{given}, {address}" : address;
        if (!isTrusted || !headers.ContainsKey(Proto))
            headers[Proto] = context.Request.Scheme;
        if (!isTrusted || !headers.ContainsKey(Host))
            headers[Host] = context.Request.Host.Value;
        headers[Prefix] = prefix;
        // "Forwarded" (RFC 7239) carries the same facts; a forged value would contradict the headers set here.
        if (!isTrusted)
            headers.Remove(Standard);
    }

    /// <summary>Returns the client's address as text; cached for each connection.</summary>
    private static string AddressOf(HttpContext context)
    {
        if (context.Features.Get<IConnectionItemsFeature>()?.Items is not { } items)
            return context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        if (items.TryGetValue(AddressItem, out var known))
            return (string)known!;
        var text = context.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : "unknown";
        items[AddressItem] = text;
        return text;
    }
}
