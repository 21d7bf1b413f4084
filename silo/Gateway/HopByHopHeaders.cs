namespace DeployCard.Gateway;

/// <summary>
/// Headers named by <c>Connection</c>, which are hop-by-hop and must not be forwarded (RFC 9110, section 7.6.1). YARP's forwarder already
/// removes the standard hop-by-hop headers.
/// </summary>
internal static class HopByHopHeaders
{
    // Kept even if "Connection" names them: they determine the host, the message framing and an upgrade, which the forwarder passes on.
    // "keep-alive" and "close" are connection options, not header names.
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Upgrade",
        "keep-alive",
        "close",
    };

    /// <summary>Removes the headers named by <c>Connection</c> from a request.</summary>
    public static void RemoveNamed(IHeaderDictionary headers)
    {
        var connection = headers.Connection;
        // Fast path: almost all clients send no "Connection" header, or a "Connection" header that names no other header.
        if (connection.Count == 0 || (connection.Count == 1 && Kept.Contains(connection[0] ?? "")))
            return;
        foreach (var name in Named(connection))
            headers.Remove(name);
    }

    /// <summary>Removes the headers named by <c>Connection</c> from a pod's response.</summary>
    public static void RemoveNamed(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues("Connection", out var connection))
            return;
        foreach (var name in Named(connection))
        {
            if (response.Headers.NonValidated.Contains(name))
                response.Headers.Remove(name);
            else if (response.Content.Headers.NonValidated.Contains(name))
                response.Content.Headers.Remove(name);
        }
    }

    private static IEnumerable<string> Named(IEnumerable<string?> connection) =>
        [
            .. connection
                .SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Where(name => !Kept.Contains(name)),
        ];
}
