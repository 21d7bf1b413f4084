using System.Globalization;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>Request headers of an asynchronous call: headers that set its limits, and headers that are forwarded to the pod.</summary>
internal static class CallHeaders
{
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        // Hop-by-hop or specific to this connection (RFC 9110, section 7.6.1).
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
        // The client that fetches the result later may not support the encodings that the caller supports.
        "Accept-Encoding",
        // Credentials.
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        HeaderNames.ApiKey,
        // Addressed to the gateway.
        HeaderNames.AsyncRequest,
        HeaderNames.HealthTimeout,
        HeaderNames.RequestTimeout,
        HeaderNames.FullLiveTimeout,
        HeaderNames.Retention,
        HeaderNames.CallbackUrl,
    };

    /// <summary>Returns the headers to store with the call and to forward to the pod.</summary>
    public static IReadOnlyList<CallHeader> SelectForwarded(IHeaderDictionary headers)
    {
        // Headers named by "Connection" are hop-by-hop too.
        HashSet<string> named = new(headers.GetCommaSeparatedValues("Connection"), StringComparer.OrdinalIgnoreCase);
        return
        [
            .. headers
                .Where(h => !NotForwarded.Contains(h.Key) && !named.Contains(h.Key))
                .SelectMany(h => h.Value.Select(v => new CallHeader(h.Key, v ?? ""))),
        ];
    }

    /// <summary>
    /// Reads the limits that a caller requests. An absent or invalid header results in the default; an invalid header also returns a
    /// problem.
    /// </summary>
    public static (CallLimits Limits, GatewayProblem? Problem) ParseLimits(IHeaderDictionary headers)
    {
        var health = Seconds(headers, HeaderNames.HealthTimeout, 1, 86_400, CallLimits.Default.Health, out var invalidHealth);
        var request = Seconds(headers, HeaderNames.RequestTimeout, 1, 86_400, CallLimits.Default.Request, out var invalidRequest);
        var life = Seconds(headers, HeaderNames.FullLiveTimeout, 1, 2_592_000, CallLimits.Default.FullLive, out var invalidLife);
        var retention = Seconds(headers, HeaderNames.Retention, 60, 2_592_000, CallLimits.Default.Retention, out var invalidRetention);
        return (
            new(health!.Value, request!.Value, life, retention!.Value),
            invalidHealth ?? invalidRequest ?? invalidLife ?? invalidRetention
        );
    }

    private static TimeSpan? Seconds(
        IHeaderDictionary headers,
        string name,
        int min,
        int max,
        TimeSpan? defaultValue,
        out GatewayProblem? problem
    )
    {
        problem = null;
        if (!headers.TryGetValue(name, out var given))
            return defaultValue;
        if (
            int.TryParse(given.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= min
            && seconds <= max
        )
            return TimeSpan.FromSeconds(seconds);
        problem = RequestProblems.InvalidHeader(name, $"a whole number of seconds from {min} to {max}", given.ToString());
        return defaultValue;
    }
}
