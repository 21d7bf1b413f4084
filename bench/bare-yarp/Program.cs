using System.Diagnostics;
using System.Net;
using Yarp.ReverseProxy.Forwarder;

// The peer: YARP's direct forwarding, configured as in its documentation. It forwards all requests to one pod, without
// keys, routes or a queue.
// dotnet BareYarp.dll --urls http://127.0.0.1:8080 --destination http://127.0.0.1:8081
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.ConfigureKestrel(options =>
{
    options.AddServerHeader = false;
    options.Limits.MaxRequestBodySize = null;
});
builder.Services.AddHttpForwarder();
using var http = new HttpMessageInvoker(
    new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        ConnectTimeout = TimeSpan.FromSeconds(15),
    }
);
await using var app = builder.Build();
var destination =
    app.Configuration["destination"] ?? throw new ArgumentException("--destination is required, for example http://host:port");
app.MapForwarder(
    "/{**any}",
    destination,
    new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(100) },
    HttpTransformer.Default,
    http
);
await app.RunAsync();
