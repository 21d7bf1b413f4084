using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Features;

// A serving script for tests: a real process that answers what it was asked and misbehaves when it is told to.
if (Environment.GetEnvironmentVariable("FAIL_AT_START") is { } reason)
{
    await Console.Error.WriteLineAsync(reason);
    return 7;
}

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
var app = builder.Build();
app.UseWebSockets();

var ticks = new SemaphoreSlim(0);
app.MapGet("/healthz", () => "ok");
app.Map("/status/{code:int}", (int code) => Results.Text($"status {code}", "text/plain", statusCode: code));
app.MapGet("/slow", async (int ms, CancellationToken ct) =>
{
    await Task.Delay(TimeSpan.FromMilliseconds(ms), TimeProvider.System, ct);
    return "slept";
});
app.MapPost("/print", async (HttpRequest request) => Console.WriteLine(await new StreamReader(request.Body).ReadToEndAsync()));
app.MapPost("/crash", () => Environment.Exit(3));
app.MapPost("/tick", () => ticks.Release());
app.MapGet("/events", async (HttpResponse response, int count, CancellationToken ct) =>
{
    response.ContentType = "text/event-stream";
    for (var i = 0; i < count; i++)
    {
        await ticks.WaitAsync(ct);
        await response.WriteAsync($"data: {i}\n\n", ct);
        await response.Body.FlushAsync(ct);
    }
});
app.MapPost("/count", async (HttpRequest request, CancellationToken ct) =>
{
    var buffer = new byte[64 * 1024];
    long total = 0;
    while (await request.Body.ReadAsync(buffer, ct) is var read and > 0)
        total += read;
    return total;
});
app.MapPost("/reverse", async (HttpRequest request, CancellationToken ct) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body, ct);
    var bytes = body.ToArray();
    Array.Reverse(bytes);
    return Results.Bytes(bytes, "application/octet-stream");
});
app.Map("/ws", async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[4096];
    while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
        await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
});
app.MapFallback(async (HttpContext context) => await context.Response.WriteAsJsonAsync(new
{
    context.Request.Method,
    Target = context.Features.Get<IHttpRequestFeature>()!.RawTarget,
    Headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()),
    Body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted),
    Pod = Environment.GetEnvironmentVariable("HOSTNAME"),
}));
await app.RunAsync();
return 0;
