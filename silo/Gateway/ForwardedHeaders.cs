using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// What a pod is told of the way that a request took: <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c>. What a client
/// says of it is replaced, or anybody could pass for anybody; behind a trusted proxy it is taken over and completed.
/// </summary>
internal sealed class ForwardedHeaders(IOptions<GatewayOptions> options)
{
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";
    private const string Host = "X-Forwarded-Host";
    private const string Prefix = "X-Forwarded-Prefix";
    private const string Standard = "Forwarded";

    private static readonly object AddressItem = new();

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
        // The standard's own field (RFC 7239) says the same; what a stranger wrote there would contradict ours.
        if (!isTrusted)
            headers.Remove(Standard);
    }

    /// <summary>The client's address as text, made once for each connection.</summary>
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
