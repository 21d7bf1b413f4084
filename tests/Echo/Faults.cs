namespace DeployCard.Tests.Echo;

/// <summary>Endpoints that simulate a failing pod.</summary>
internal static class Faults
{
    public static void MapFaults(this WebApplication app)
    {
        app.MapPost("/crash", () => Environment.Exit(3));
        app.Map("/hold/{**mark}", (CancellationToken ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        app.MapGet("/abort/before-head", (HttpContext context) => context.Abort());
        app.MapGet("/abort/in-body", AbortInBody);
    }

    /// <summary>
    /// Aborts the connection in the middle of a response body, after the test has received the first part. The body is chunked if
    /// <paramref name="length"/> is null.
    /// </summary>
    private static async Task AbortInBody(HttpContext context, long? length)
    {
        context.Response.ContentLength = length;
        await context.Response.WriteAsync("the beginning", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Streams.Ticks.WaitAsync(context.RequestAborted);
        context.Abort();
    }
}
