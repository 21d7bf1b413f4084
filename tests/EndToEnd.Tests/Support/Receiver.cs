using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>A receiver of callbacks on loopback, as somebody would write it from docs/webhooks.md alone; it answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> all = new();
    private readonly ConcurrentDictionary<string, RequestDelegate> answers = new();
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

    /// <summary>Where it receives what belongs to one path.</summary>
    public string At(string path) => $"{app!.Urls.Single()}/{path}";

    /// <summary>From now on it answers so at a path; 200 else.</summary>
    public void Answer(string path, RequestDelegate answer) => answers[$"/{path}"] = answer;

    public void Answer(string path, int status, string body = "", params (string Name, string Value)[] headers) =>
        Answer(
            path,
            context =>
            {
                context.Response.StatusCode = status;
                foreach (var (name, value) in headers)
                    context.Response.Headers[name] = value;
                return context.Response.WriteAsync(body);
            }
        );

    public IReadOnlyList<Received> To(string path) => [.. all.Where(received => received.Path == $"/{path}")];

    /// <summary>What came to a path once there are so many.</summary>
    public Task<IReadOnlyList<Received>> To(string path, int count, TimeSpan? patience = null) =>
        Eventually.Get(
            () => Task.FromResult(To(path)),
            received => received.Count >= count,
            TestContext.Current.CancellationToken,
            patience
        );

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    private async Task Receive(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
        string Field(string name) => context.Request.Headers[name].ToString();
        all.Enqueue(new(context.Request.Path, Field("webhook-id"), Field("webhook-timestamp"), Field("webhook-signature"), body));
        if (answers.TryGetValue(context.Request.Path, out var answer))
            await answer(context);
    }
}

/// <summary>One delivery as it came.</summary>
internal sealed record Received(string Path, string Id, string Timestamp, string Signature, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>Whether one of the signatures is of this secret.</summary>
    public bool IsSignedBy(string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Body}")));
        return Signature.Split(' ').Contains(expected);
    }
}
