using DeployCard.Bench.Pod;

// The pod of the benchmarks: a bare server that uses little processor time, so that the measurements show the proxy in front of it.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Responses.Port}");
builder.WebHost.ConfigureKestrel(options =>
{
    options.AddServerHeader = false;
    options.Limits.MaxRequestBodySize = null;
});
await using var app = builder.Build();
app.Run(Responses.Write);
await app.RunAsync();
