using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Silo.Gateway;

/// <summary>Calls from pages of other origins (the Fetch standard's CORS protocol), for the deployments that ask for them.</summary>
internal sealed class Cors(ICorsService service)
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    /// <summary>The policy of a deployment; null where it names no origin.</summary>
    public static CorsPolicy? Policy(IReadOnlyList<string> origins)
    {
        if (origins.Count == 0)
            return null;
        var policy = new CorsPolicyBuilder()
            .AllowAnyHeader()
            .AllowAnyMethod()
            .SetPreflightMaxAge(PreflightAge)
            .WithExposedHeaders(
                RequestId.Header,
                GatewayProblem.Header,
                "Location",
                "Retry-After",
                Answers.ColdStart,
                Answers.Waited,
                WaitPreference.AppliedHeader,
                IdempotencyKey.ReplayedHeader,
                "ETag",
                "Accept-Ranges",
                "Content-Range",
                "Content-Disposition"
            );
        return (origins.Contains("*") ? policy.AllowAnyOrigin() : policy.WithOrigins([.. origins])).Build();
    }

    /// <summary>Adds what the browser asks for. True where that was all: a question whether the page may call.</summary>
    public bool Answer(HttpContext context, CorsPolicy policy)
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

    /// <summary>Takes a pod's own word on origins out of its answer: two would contradict each other, and browsers refuse that.</summary>
    public static void Withdraw(HttpResponseMessage answer)
    {
        foreach (var name in answer.Headers.Where(h => IsOurs(h.Key)).Select(h => h.Key).ToList())
            answer.Headers.Remove(name);
    }

    /// <summary>Whether a header field of an answer belongs to this protocol.</summary>
    public static bool IsOurs(string header) => header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);
}
