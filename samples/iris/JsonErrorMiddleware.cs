namespace DeployCard.Samples.Iris;

/// <summary>Rejects a request with a status and a message for the client.</summary>
internal sealed class RequestRejectedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static RequestRejectedException BadInput(string message) => new(StatusCodes.Status400BadRequest, message);
}

/// <summary>Middleware that writes all errors as <c>{"error": "…"}</c>, the format of both protocols.</summary>
internal sealed partial class JsonErrorMiddleware(RequestDelegate next, ILogger<JsonErrorMiddleware> logger)
{
    public async Task Invoke(HttpContext context)
    {
        try
        {
            await next(context);
            if (GetRoutingError(context) is { } reason)
                await WriteError(context, context.Response.StatusCode, reason);
        }
        catch (RequestRejectedException error)
        {
            await WriteError(context, error.Status, error.Message);
        }
        catch (BadHttpRequestException error)
        {
            await WriteError(context, error.StatusCode, error.Message);
        }
    }

    private static string? GetRoutingError(HttpContext context) =>
        context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"{context.Request.Path} does not exist. Try GET /v1/models or GET /v2.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{context.Request.Path} allows {context.Response.Headers.Allow}, not {context.Request.Method}.",
            _ => null,
        };

    private async Task WriteError(HttpContext context, int status, string message)
    {
        LogRejected(context.Request.Method, context.Request.Path, status, message);
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new ErrorResponse(message), context.RequestAborted);
    }

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{Method} {Path} was rejected with status {Status}: {Reason}")]
    partial void LogRejected(string method, string path, int status, string reason);
}
