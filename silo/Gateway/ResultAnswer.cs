using DeployCard.Grains.AsyncCalls;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

namespace DeployCard.Silo.Gateway;

/// <summary>A model's answer as it came, once it is asked for: a whole one also in part or under a condition (RFC 9110, sections 13 and 14).</summary>
internal static class ResultAnswer
{
    /// <summary>Answers, or returns why it does not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="call">The call.</param>
    /// <param name="result">Its result.</param>
    /// <param name="body">The body of the result; it can be read from any position.</param>
    /// <param name="policy">Who else of the web may read it; null where the deployment says nothing of that.</param>
    public static async Task<GatewayProblem?> Write(HttpContext context, CallView call, CallResult result, Stream body, CorsPolicy? policy)
    {
        var response = context.Response;
        response.StatusCode = result.StatusCode;
        foreach (var header in result.Headers.Where(header => IsSent(header, policy)))
            response.Headers.Append(header.Name, header.Value);
        if (result.StatusCode is StatusCodes.Status200OK)
            return await WriteWhole(context, ResultValidators.Of(call, result), body);
        // 204 and 304 have no body, and say no length.
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
        var hasRanges = HttpMethods.IsGet(request.Method) && IsOfBytes(request.Headers.Range) && validators.Allow(request.Headers.IfRange);
        await TypedResults
            .Stream(body, lastModified: validators.LastModified, entityTag: validators.Tag, enableRangeProcessing: hasRanges)
            .ExecuteAsync(context);
        return response.StatusCode switch
        {
            StatusCodes.Status412PreconditionFailed => GatewayProblem.PreconditionFailed,
            StatusCodes.Status416RangeNotSatisfiable => GatewayProblem.RangeNotSatisfiable(request.Headers.Range.ToString(), length),
            _ => null,
        };
    }

    /// <summary>What sends files takes any unit for bytes.</summary>
    private static bool IsOfBytes(string? range) =>
        RangeHeaderValue.TryParse(range, out var parsed) && parsed.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase);

    /// <summary>What sends files names a type where there is none, and knows of one only.</summary>
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
    /// The id of a request is that of the one which is answered now, and who may read it is ours to tell where the deployment tells it at all. What
    /// is no ASCII the server would not send, and refuse the whole answer with it.
    /// </summary>
    private static bool IsSent(CallHeader header, CorsPolicy? policy) =>
        !header.Name.Equals(RequestId.Header, StringComparison.OrdinalIgnoreCase)
        && !(policy is not null && Cors.IsOurs(header.Name))
        && header.Value.All(c => c is '\t' or (>= ' ' and <= '~'));
}

/// <summary>By what a result is told from another one.</summary>
/// <param name="Tag">The model's own, or one of ours; null where the model's is none that could be compared.</param>
/// <param name="LastModified">The model's, where it tells one.</param>
internal sealed record ResultValidators(EntityTagHeaderValue? Tag, DateTimeOffset? LastModified)
{
    public static ResultValidators Of(CallView call, CallResult result) =>
        new(
            Values(result, HeaderNames.ETag) switch
            {
                // A result never changes: another one could only come of another attempt.
                [] => new($"\"{call.Id}-{call.Attempts.Count}\""),
                [var own] when EntityTagHeaderValue.TryParse(own, out var tag) && !tag.Equals(EntityTagHeaderValue.Any) => tag,
                _ => null,
            },
            Values(result, HeaderNames.LastModified) is [var date] && HeaderUtilities.TryParseDate(date, out var modified) ? modified : null
        );

    /// <summary>Whether a part may be sent under the condition in <c>If-Range</c>; else it is the whole.</summary>
    public bool Allow(string? ifRange) =>
        string.IsNullOrEmpty(ifRange)
        || (
            RangeConditionHeaderValue.TryParse(ifRange, out var condition)
            && (
                condition.EntityTag is { } tag
                    ? Tag?.Compare(tag, useStrongComparison: true) is true
                    : LastModified is { } date && date == condition.LastModified
            )
        );

    private static List<string> Values(CallResult result, string name) =>
        [.. result.Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];
}
