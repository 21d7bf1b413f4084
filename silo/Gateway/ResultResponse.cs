using DeployCard.Contracts.AsyncCalls;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;
using HeaderNames = DeployCard.Contracts.Routing.HeaderNames;

namespace DeployCard.Gateway;

/// <summary>
/// Writes the stored response of a model to a client. A response with status 200 supports range requests and conditional requests (RFC
/// 9110, sections 13 and 14).
/// </summary>
internal static class ResultResponse
{
    /// <summary>Writes the result, or returns the problem to respond with.</summary>
    /// <param name="context">The request and its response.</param>
    /// <param name="call">Call that produced the result.</param>
    /// <param name="result">Stored result of the call.</param>
    /// <param name="body">Seekable body of the result.</param>
    /// <param name="policy">CORS policy of the deployment; null if the deployment allows no other origins.</param>
    public static async Task<GatewayProblem?> Write(HttpContext context, CallView call, CallResult result, Stream body, CorsPolicy? policy)
    {
        var response = context.Response;
        response.StatusCode = result.StatusCode;
        foreach (var header in result.Headers.Where(header => IsSent(header, policy)))
            response.Headers.Append(header.Name, header.Value);
        if (result.StatusCode is StatusCodes.Status200OK)
            return await WriteWhole(context, ResultValidators.From(call, result), body);
        // Without a stored body, as for 204 and 304, no Content-Length is sent.
        if (result.Body is not { } stored)
            return null;
        response.ContentLength = stored.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await body.CopyToAsync(response.Body, context.RequestAborted);
        return null;
    }

    private static async Task<GatewayProblem?> WriteWhole(HttpContext context, ResultValidators validators, Stream body)
    {
        var (request, response, length) = (context.Request, context.Response, body.Length);
        response.Headers.AcceptRanges = "bytes";
        KeepContentType(response);
        var hasRanges =
            HttpMethods.IsGet(request.Method) && IsByteRange(request.Headers.Range) && validators.AllowsRange(request.Headers.IfRange);
        await TypedResults
            .Stream(body, lastModified: validators.LastModified, entityTag: validators.Tag, enableRangeProcessing: hasRanges)
            .ExecuteAsync(context);
        return response.StatusCode switch
        {
            StatusCodes.Status412PreconditionFailed => CallProblems.PreconditionFailed,
            StatusCodes.Status416RangeNotSatisfiable => CallProblems.RangeNotSatisfiable(request.Headers.Range.ToString(), length),
            _ => null,
        };
    }

    /// <summary>Whether the range is in bytes. ASP.NET Core's range processing treats every unit as bytes.</summary>
    private static bool IsByteRange(string? range) =>
        RangeHeaderValue.TryParse(range, out var parsed) && parsed.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Keeps the content type of the model. ASP.NET Core's stream result would add a default type to a result without a content type, and
    /// would send only one of several values.
    /// </summary>
    private static void KeepContentType(HttpResponse response)
    {
        var type = response.Headers.ContentType;
        response.OnStarting(() =>
        {
            if (response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status206PartialContent)
                response.Headers.ContentType = type;
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Whether a stored header is sent. The request id must be that of the current request. CORS headers are set by the gateway if the
    /// deployment allows origins. Kestrel would fail the whole response for a value that is not ASCII.
    /// </summary>
    private static bool IsSent(CallHeader header, CorsPolicy? policy) =>
        !header.Name.Equals(HeaderNames.RequestId, StringComparison.OrdinalIgnoreCase)
        && !(policy is not null && Cors.IsCorsHeader(header.Name))
        && header.Value.All(c => c is '\t' or (>= ' ' and <= '~'));
}
