using System.Globalization;
using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Silo.Gateway;

/// <summary>The header fields of an asynchronous call: its limits, and those that go on to the pod.</summary>
internal static class CallHeaders
{
    private static readonly HashSet<string> NotKept = new(StringComparer.OrdinalIgnoreCase)
    {
        // Of one connection only (RFC 9110, section 7.6.1).
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "Upgrade",
        "Expect",
        "Host",
        "Content-Length",
        // Whoever fetches the answer later need not know the coding that the caller knows.
        "Accept-Encoding",
        // Secrets.
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        KeyCheck.KeyHeader,
        // For the gateway.
        "X-Async-Request",
        "X-Health-Timeout",
        "X-Request-Timeout",
        "X-Full-Live-Timeout",
        "X-Retention",
        CallbackHeader.Name,
    };

    /// <summary>The fields to store and to send on.</summary>
    public static IReadOnlyList<CallHeader> Kept(IHeaderDictionary headers)
    {
        // What "Connection" names is of this connection only, too.
        HashSet<string> named = new(headers.GetCommaSeparatedValues("Connection"), StringComparer.OrdinalIgnoreCase);
        return
        [
            .. headers
                .Where(h => !NotKept.Contains(h.Key) && !named.Contains(h.Key))
                .SelectMany(h => h.Value.Select(v => new CallHeader(h.Key, v ?? ""))),
        ];
    }

    /// <summary>The limits that a caller asks for, or what is wrong with them.</summary>
    public static (CallLimits Limits, GatewayProblem? Problem) Limits(IHeaderDictionary headers)
    {
        var health = Seconds(headers, "X-Health-Timeout", 1, 86_400, CallLimits.Default.Health, out var wrong);
        var request = Seconds(headers, "X-Request-Timeout", 1, 86_400, CallLimits.Default.Request, out var wrongRequest);
        var life = Seconds(headers, "X-Full-Live-Timeout", 1, 2_592_000, CallLimits.Default.FullLive, out var wrongLife);
        var retention = Seconds(headers, "X-Retention", 60, 2_592_000, CallLimits.Default.Retention, out var wrongRetention);
        return (new(health!.Value, request!.Value, life, retention!.Value), wrong ?? wrongRequest ?? wrongLife ?? wrongRetention);
    }

    private static TimeSpan? Seconds(
        IHeaderDictionary headers,
        string name,
        int least,
        int most,
        TimeSpan? otherwise,
        out GatewayProblem? wrong
    )
    {
        wrong = null;
        if (!headers.TryGetValue(name, out var given))
            return otherwise;
        if (
            int.TryParse(given.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= least
            && seconds <= most
        )
            return TimeSpan.FromSeconds(seconds);
        wrong = GatewayProblem.InvalidHeader(name, $"a whole number of seconds from {least} to {most}", given.ToString());
        return otherwise;
    }
}
