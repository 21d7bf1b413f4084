using DeployCard.Bench.Pod;

// A serving script that costs next to nothing: a bare server, so that what is measured in front of it is the proxy.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Answers.Port}");
builder.WebHost.ConfigureKestrel(options =>
{
    options.AddServerHeader = false;
    options.Limits.MaxRequestBodySize = null;
});
await using var app = builder.Build();
app.Run(Answers.Write);
await app.RunAsync();
