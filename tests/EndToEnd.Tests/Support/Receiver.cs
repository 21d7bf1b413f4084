using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// Receiver of callbacks on loopback, written from docs/webhooks.md alone, as a user would. Its responses are configured by the test.
/// </summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedDelivery> all = new();
    private readonly ConcurrentDictionary<string, RequestDelegate> responses = new();
    private WebApplication? app;

    public static async Task<Receiver> Start(int port = 0)
    {
        var receiver = new Receiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        receiver.app = builder.Build();
        receiver.app.Run(receiver.Receive);
        await receiver.app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Returns the URL of a path of the receiver.</summary>
    public string UrlOf(string path) => $"{app!.Urls.Single()}/{path}";

    /// <summary>Sets the response at a path. The default is 200.</summary>
    public void RespondAt(string path, RequestDelegate response) => responses[$"/{path}"] = response;

    public void RespondAt(string path, int status, string body = "", params (string Name, string Value)[] headers) =>
        RespondAt(
            path,
            context =>
            {
                context.Response.StatusCode = status;
                foreach (var (name, value) in headers)
                    context.Response.Headers[name] = value;
                return context.Response.WriteAsync(body);
            }
        );

    public IReadOnlyList<ReceivedDelivery> ReceivedAt(string path) => [.. all.Where(received => received.Path == $"/{path}")];

    /// <summary>Waits until a path has received the given number of deliveries and returns them.</summary>
    public Task<IReadOnlyList<ReceivedDelivery>> ReceivedAt(string path, int count, TimeSpan? timeout = null) =>
        Eventually.Get(
            () => Task.FromResult(ReceivedAt(path)),
            received => received.Count >= count,
            TestContext.Current.CancellationToken,
            timeout
        );

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    private async Task Receive(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
        string Header(string name) => context.Request.Headers[name].ToString();
        all.Enqueue(new(context.Request.Path, Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"), body));
        if (responses.TryGetValue(context.Request.Path, out var response))
            await response(context);
    }
}

/// <summary>One delivery as it was received.</summary>
internal sealed record ReceivedDelivery(string Path, string Id, string Timestamp, string Signature, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>Whether one of the signatures was made with this secret.</summary>
    public bool IsSignedBy(string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Body}")));
        return Signature.Split(' ').Contains(expected);
    }
}
