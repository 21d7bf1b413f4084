namespace DeployCard.Samples.Iris;

/// <summary>A request that cannot be served, and a sentence that tells its sender why.</summary>
internal sealed class RefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static RefusedException BadInput(string message) => new(StatusCodes.Status400BadRequest, message);
}

/// <summary>Both protocols tell an error as <c>{"error": "…"}</c>; this is the one place that does.</summary>
internal sealed partial class ErrorsAsJson(RequestDelegate next, ILogger<ErrorsAsJson> logger)
{
    public async Task Invoke(HttpContext context)
    {
        try
        {
            await next(context);
            if (WhyNotRouted(context) is { } reason)
                await Answer(context, context.Response.StatusCode, reason);
        }
        catch (RefusedException refused)
        {
            await Answer(context, refused.Status, refused.Message);
        }
        catch (BadHttpRequestException refused)
        {
            await Answer(context, refused.StatusCode, refused.Message);
        }
    }

    private static string? WhyNotRouted(HttpContext context) =>
        context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"Nothing answers at {context.Request.Path}. Try GET /v1/models or GET /v2.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{context.Request.Path} answers {context.Response.Headers.Allow}, not {context.Request.Method}.",
            _ => null,
        };

    private async Task Answer(HttpContext context, int status, string message)
    {
        LogRefused(context.Request.Method, context.Request.Path, status, message);
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new ErrorAnswer(message), context.RequestAborted);
    }

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{Method} {Path} refused with {Status}: {Reason}")]
    partial void LogRefused(string method, string path, int status, string reason);
}
