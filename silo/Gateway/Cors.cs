using DeployCard.Contracts.Routing;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Gateway;

/// <summary>Cross-origin requests from browsers (the CORS protocol of the Fetch standard), for deployments that allow origins.</summary>
internal sealed class Cors(ICorsService service)
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Returns the CORS policy of a deployment; null if <paramref name="origins"/> is empty. The origin <c>*</c> allows all.
    /// </summary>
    public static CorsPolicy? CreatePolicy(IReadOnlyList<string> origins)
    {
        if (origins.Count == 0)
            return null;
        var policy = new CorsPolicyBuilder()
            .AllowAnyHeader()
            .AllowAnyMethod()
            .SetPreflightMaxAge(PreflightAge)
            .WithExposedHeaders(
                HeaderNames.RequestId,
                HeaderNames.Error,
                "Location",
                "Retry-After",
                HeaderNames.ColdStart,
                HeaderNames.WaitedMs,
                WaitPreference.AppliedHeader,
                HeaderNames.IdempotencyReplayed,
                "ETag",
                "Accept-Ranges",
                "Content-Range",
                "Content-Disposition"
            );
        return (origins.Contains("*") ? policy.AllowAnyOrigin() : policy.WithOrigins([.. origins])).Build();
    }

    /// <summary>
    /// Adds the CORS headers to the response. Returns true if the request was a preflight request, whose response is then complete.
    /// </summary>
    public bool Apply(HttpContext context, CorsPolicy policy)
    {
        if (!context.Request.Headers.ContainsKey("Origin"))
            return false;
        var result = service.EvaluatePolicy(context, policy);
        service.ApplyResult(result, context.Response);
        if (!result.IsPreflightRequest)
            return false;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    /// <summary>
    /// Removes the pod's own CORS headers from its response. Together with the gateway's headers they would be duplicates, which browsers
    /// reject.
    /// </summary>
    public static void RemoveHeaders(HttpResponseMessage response)
    {
        foreach (var name in response.Headers.Where(h => IsCorsHeader(h.Key)).Select(h => h.Key).ToList())
            response.Headers.Remove(name);
    }

    /// <summary>Whether a response header belongs to the CORS protocol.</summary>
    public static bool IsCorsHeader(string header) => header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);
}
