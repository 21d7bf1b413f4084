using System.Text.Json;
using DeployCard.Bench.BareJson;

// The peer: reads the request as JSON and writes an answer that it has as an object, as JSON. No GraphQL, no token, no grain, no storage.
// dotnet BareJson.dll --urls http://127.0.0.1:8080 --answers folder
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
await using var app = builder.Build();
var folder = app.Configuration["answers"] ?? throw new ArgumentException("Say where the answers are: --answers folder");
var answers = Directory
    .EnumerateFiles(folder, "*.answer.json")
    .ToDictionary(
        file => Path.GetFileName(file).Split('.')[0],
        file => JsonSerializer.Deserialize<Dictionary<string, object?>>(File.ReadAllBytes(file))!
    );
var broadcast = new Broadcast();
app.UseWebSockets();
app.MapGet("/healthz", () => "ok");
app.MapGet("/graphql", broadcast.Accept);
app.MapGet(
    "/ticks/{count:int}/{milliseconds:int}",
    (int count, int milliseconds, CancellationToken aborted) => broadcast.Write(count, TimeSpan.FromMilliseconds(milliseconds), aborted)
);
app.MapPost(
    "/{name}",
    async (HttpContext context, string name) =>
    {
        using var request = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (!request.RootElement.TryGetProperty("query", out _))
            throw new BadHttpRequestException("A query is needed.");
        await context.Response.WriteAsJsonAsync(answers[name], context.RequestAborted);
    }
);
await app.RunAsync();
