namespace DeployCard.Tests.Echo;

/// <summary>Endpoints that stream their response.</summary>
internal static class Streams
{
    /// <summary>Released by the test to let a waiting response continue.</summary>
    public static readonly SemaphoreSlim Ticks = new(0);

    public static void MapStreams(this WebApplication app)
    {
        app.MapPost("/tick", () => Ticks.Release());
        app.MapGet("/events/{**mark}", Events);
        app.MapGet("/pieces", Pieces);
        app.MapPost("/stream/echo", Echo);
        app.MapGet("/zeros", Zeros);
        app.MapGet("/endless/{**mark}", (HttpResponse response, CancellationToken ct) => Zeros(response, long.MaxValue, ct));
    }

    private static async Task Events(HttpResponse response, int count, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        for (var i = 0; i < count; i++)
        {
            await Ticks.WaitAsync(cancellationToken);
            await response.WriteAsync($"data: {i}\n\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }

    private static async Task Pieces(HttpResponse response, int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            await Ticks.WaitAsync(cancellationToken);
            await response.WriteAsync($"piece {i}\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Echoes each piece of the body immediately, before the rest has arrived.</summary>
    private static async Task Echo(HttpContext context, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
        }
    }

    private static async Task Zeros(HttpResponse response, long bytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        for (var left = bytes; left > 0; left -= Math.Min(left, buffer.Length))
            await response.Body.WriteAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
    }
}
