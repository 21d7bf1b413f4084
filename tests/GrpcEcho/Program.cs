using DeployCard.Tests.GrpcEcho;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// A serving script for tests that, like most gRPC servers, speaks only HTTP/2 without TLS.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
builder.WebHost.ConfigureKestrel(options => options.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddGrpc();
var app = builder.Build();
app.MapGet("/healthz", () => "ok");
app.MapGrpcService<EchoService>();
await app.RunAsync();
