using System.Globalization;
using System.Text.Json.Serialization;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Error response of the gateway itself: problem details (RFC 9457) with a stable code, which <c>X-DeployCard-Error</c> repeats.
/// </summary>
internal static class ProblemResponse
{
    /// <summary>Writes the problem as the response. If the response has already started, aborts the connection instead.</summary>
    public static async Task Write(this GatewayProblem problem, HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        RemovePodHeaders(response.Headers);
        response.StatusCode = problem.Status;
        // Set again, because the forwarder clears all headers of a response that failed.
        var requestId = context.Request.Headers[HeaderNames.RequestId];
        response.Headers[HeaderNames.RequestId] = requestId;
        response.Headers[HeaderNames.Error] = problem.Code;
        if (problem.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (problem.RetryAfter is { } delay)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (problem.CompleteLength is { } length)
            response.Headers.ContentRange = $"bytes */{length}";
        var document = new ProblemDocument(
            $"urn:deploycard:error:{problem.Code}",
            problem.Title,
            problem.Status,
            problem.Detail,
            problem.Code,
            requestId.ToString(),
            problem.CallStatusText,
            problem.CallErrorCodeText
        );
        await response.WriteAsJsonAsync(document, ProblemJson.Default.ProblemDocument, "application/problem+json", context.RequestAborted);
    }

    /// <summary>Removes the headers of an incomplete pod response. Headers set by the gateway stay.</summary>
    private static void RemovePodHeaders(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.Where(name => !IsGatewayHeader(name)).ToList())
            headers.Remove(name);
    }

    private static bool IsGatewayHeader(string header) =>
        header is HeaderNames.RequestId or "Vary" or WaitPreference.AppliedHeader or HeaderNames.WaitedMs or HeaderNames.ColdStart
        || Cors.IsCorsHeader(header)
        || header.StartsWith("RateLimit", StringComparison.Ordinal);
}

/// <summary>Body of an error response, with problem details in JSON.</summary>
internal sealed record ProblemDocument(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    string RequestId,
    string? CallStatus,
    string? ErrorCode
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ProblemJson : JsonSerializerContext;
