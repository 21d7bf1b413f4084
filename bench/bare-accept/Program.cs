using DeployCard.Bench.BareAccept;

// The peer: stores a request as one row and responds with 202 when the row is on the disk. It has no keys, grains or queue and executes no
// calls.
// dotnet BareAccept.dll --urls http://127.0.0.1:8080 --database calls.db
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
builder.Services.AddSingleton(services => new CallWriter(
    services.GetRequiredService<IConfiguration>()["database"]
        ?? throw new ArgumentException("--database is required: path of the SQLite file")
));
await using var app = builder.Build();
app.MapGet("/healthz", (CallWriter _) => "ok");
app.MapPost(
    "/{**path}",
    async (HttpContext context, CallWriter writer) =>
    {
        var length = context.Request.ContentLength ?? throw new BadHttpRequestException("The request must have a Content-Length header.");
        var body = new byte[length];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        var now = TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await writer.Write(id, CallRow.Serialize(id, now, context, body));
        return TypedResults.Accepted($"/calls/{id:N}", new { Id = id.ToString("N") });
    }
);
await app.RunAsync();
