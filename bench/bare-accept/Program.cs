using DeployCard.Bench.BareAccept;

// The peer: takes a call, makes one row of it, answers 202 once that is on the disk. No key, no grain, no queue, nobody who runs it.
// dotnet BareAccept.dll --urls http://127.0.0.1:8080 --database calls.db
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
builder.Services.AddSingleton(services => new CallWriter(
    services.GetRequiredService<IConfiguration>()["database"] ?? throw new ArgumentException("Say where to write: --database file")
));
await using var app = builder.Build();
app.MapGet("/healthz", (CallWriter _) => "ok");
app.MapPost(
    "/{**path}",
    async (HttpContext context, CallWriter writer) =>
    {
        var body = new byte[context.Request.ContentLength ?? throw new BadHttpRequestException("A length is needed.")];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        var now = TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await writer.Write(id, CallRow.Json(id, now, context, body));
        return TypedResults.Accepted($"/calls/{id:N}", new { Id = id.ToString("N") });
    }
);
await app.RunAsync();
