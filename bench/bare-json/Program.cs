using System.Text.Json;
using DeployCard.Bench.BareJson;

// The peer: parses the request as JSON and serializes a recorded response from an object. It has no GraphQL, tokens, grains or storage.
// dotnet BareJson.dll --urls http://127.0.0.1:8080 --responses folder
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
await using var app = builder.Build();
var folder = app.Configuration["responses"] ?? throw new ArgumentException("--responses is required: folder of the *.response.json files");
var responses = Directory
    .EnumerateFiles(folder, "*.response.json")
    .ToDictionary(
        file => Path.GetFileName(file).Split('.')[0],
        file => JsonSerializer.Deserialize<Dictionary<string, object?>>(File.ReadAllBytes(file))!
    );
var broadcast = new LineBroadcaster();
app.UseWebSockets();
app.MapGet("/healthz", () => "ok");
app.MapGet("/graphql", broadcast.Serve);
app.MapGet(
    "/ticks/{count:int}/{milliseconds:int}",
    (int count, int milliseconds, CancellationToken aborted) =>
        broadcast.WriteLines(count, TimeSpan.FromMilliseconds(milliseconds), aborted)
);
app.MapPost(
    "/{name}",
    async (HttpContext context, string name) =>
    {
        using var request = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (!request.RootElement.TryGetProperty("query", out _))
            throw new BadHttpRequestException("The request must have the property 'query'.");
        await context.Response.WriteAsJsonAsync(responses[name], context.RequestAborted);
    }
);
await app.RunAsync();
