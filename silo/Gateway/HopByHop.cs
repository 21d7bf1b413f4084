namespace DeployCard.Silo.Gateway;

/// <summary>
/// Header fields that <c>Connection</c> names are of one connection only and never go on (RFC 9110, section 7.6.1). Those that are so by their
/// nature the forwarder leaves out by itself.
/// </summary>
internal static class HopByHop
{
    // Named there or not: these say where the message ends and whom it is for, or begin an upgrade, which the forwarder passes on.
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Upgrade",
        "keep-alive",
        "close",
    };

    public static void Withdraw(IHeaderDictionary headers)
    {
        var connection = headers.Connection;
        // What nearly all clients say names nothing.
        if (connection.Count == 0 || (connection.Count == 1 && Kept.Contains(connection[0] ?? "")))
            return;
        foreach (var name in Named(connection))
            headers.Remove(name);
    }

    public static void Withdraw(HttpResponseMessage answer)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Connection", out var connection))
            return;
        foreach (var name in Named(connection))
        {
            if (answer.Headers.NonValidated.Contains(name))
                answer.Headers.Remove(name);
            else if (answer.Content.Headers.NonValidated.Contains(name))
                answer.Content.Headers.Remove(name);
        }
    }

    private static IEnumerable<string> Named(IEnumerable<string?> connection) =>
        [
            .. connection
                .SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Where(name => !Kept.Contains(name)),
        ];
}
