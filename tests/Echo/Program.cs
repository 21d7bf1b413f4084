using DeployCard.Tests.Echo;
using Microsoft.AspNetCore.Http.Features;

// A serving script for tests: a real process that echoes requests and fails on request.
if (Environment.GetEnvironmentVariable("FAIL_AT_START") is { } reason)
{
    await Console.Error.WriteLineAsync(reason);
    return 7;
}

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(
    $"http://{Environment.GetEnvironmentVariable("POD_IP") ?? "127.0.0.1"}:{Environment.GetEnvironmentVariable("PORT")}"
);
builder.WebHost.ConfigureKestrel(options =>
{
    options.Limits.MaxRequestBodySize = null;
    options.Limits.MinRequestBodyDataRate = null;
});
var app = builder.Build();
app.UseWebSockets();
app.UseLedger();

app.MapGet("/healthz", () => "ok");
app.MapGet("/self", () => new { Process = Environment.ProcessId, Port = int.Parse(Environment.GetEnvironmentVariable("PORT")!) });
app.Map("/status/{code:int}", (int code) => Results.Text($"status {code}", "text/plain", statusCode: code));
app.MapPost("/print", async (HttpRequest request) => Console.WriteLine(await new StreamReader(request.Body).ReadToEndAsync()));
app.MapBodies();
app.MapStreams();
app.MapResponses();
app.MapFaults();
app.MapWork();
app.MapSockets();
app.MapFallback(
    async (HttpContext context) =>
        await context.Response.WriteAsJsonAsync(
            new
            {
                context.Request.Method,
                Target = context.Features.Get<IHttpRequestFeature>()!.RawTarget,
                Headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()),
                Body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted),
                Pod = Environment.GetEnvironmentVariable("HOSTNAME"),
            }
        )
);
await app.RunAsync();
return 0;
