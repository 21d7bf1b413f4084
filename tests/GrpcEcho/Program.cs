using DeployCard.Tests.GrpcEcho;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// A serving script for tests that speaks HTTP/2 without TLS and nothing else, as servers of gRPC do.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
builder.WebHost.ConfigureKestrel(options => options.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddGrpc();
var app = builder.Build();
app.MapGet("/healthz", () => "ok");
app.MapGrpcService<EchoService>();
await app.RunAsync();
