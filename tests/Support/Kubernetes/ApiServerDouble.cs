using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>
/// Double of the Kubernetes API server for pods, over real HTTP. Unlike a real cluster, it fails on request of a test.
/// </summary>
public sealed class ApiServerDouble : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly FileInfo kubeConfig = new(Path.Combine(Path.GetTempPath(), $"deploycard-{Guid.NewGuid():n}.yaml"));
    private CancellationTokenSource streams = new();
    private volatile bool isUnavailable;

    private ApiServerDouble()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Use(
            (context, next) =>
            {
                if (!isUnavailable && Interlocked.Decrement(ref busy) >= 0)
                {
                    context.Response.Headers.RetryAfter = $"{retryAfter}";
                    return Respond((429, PodStore.Status(429, "The apiserver is too busy, please try again later"))).ExecuteAsync(context);
                }

                if (!isUnavailable)
                {
                    var call = ApiCall.FromRequest(context.Request);
                    calls.TryAdd(call, true);
                    return IsForbidden(call)
                        ? Respond((403, PodStore.Status(403, $"forbidden: cannot {call.Verb} resource \"{call.Target}\"")))
                            .ExecuteAsync(context)
                        : next();
                }

                context.Abort();
                return Task.CompletedTask;
            }
        );
        app.MapGet("/api/v1/namespaces/{ns}/pods", ListOrWatch);
        app.MapGet(
            "/api/v1/namespaces/{ns}/pods/{name}",
            (string name) => Respond(Pods.Find(name) is { } pod ? (200, pod) : (404, PodStore.Status(404, $"pods \"{name}\" not found")))
        );
        // All namespaces share the same pods.
        app.MapPost(
            "/api/v1/namespaces",
            async (HttpRequest request) => Respond((201, (await JsonNode.ParseAsync(request.Body))!.AsObject()))
        );
        app.MapDelete("/api/v1/namespaces/{ns}", (string ns) => Respond((200, Ending(ns))));
        app.MapPost("/api/v1/namespaces/{ns}/pods", (Delegate)Create);
        app.MapPatch("/api/v1/namespaces/{ns}/pods/{name}", Apply);
        app.MapDelete("/api/v1/namespaces/{ns}/pods/{name}", Delete);
        app.MapGet("/api/v1/namespaces/{ns}/pods/{name}/log", Log);
        app.MapGet(
            "/apis/metrics.k8s.io/v1beta1/namespaces/{ns}/pods",
            () =>
            {
                Interlocked.Increment(ref metricsAsked);
                return Metrics is { } metrics
                    ? Respond((200, metrics.DeepClone().AsObject()))
                    : TypedResults.NotFound("404 page not found");
            }
        );
    }

    private readonly ConcurrentDictionary<ApiCall, bool> calls = new();
    private int metricsAsked;
    private int failingPrevious;
    private int openLogs;
    private int expiringPages;
    private int busy;
    private int retryAfter;

    /// <summary>
    /// Distinct kinds of requests received. A patch that created an object counts as <c>create</c>, too, because a real API server requires
    /// both rights.
    /// </summary>
    public IReadOnlyCollection<ApiCall> Calls => [.. calls.Keys];

    /// <summary>Predicate for requests to deny with status 403; by default none.</summary>
    public Func<ApiCall, bool> IsForbidden { get; set; } = _ => false;

    public PodStore Pods { get; } = new();

    public ContainerLogs Logs { get; } = new();

    /// <summary>Actions of the scheduler and the kubelet on pods.</summary>
    public NodeDouble Node => new(Pods, Logs);

    /// <summary>Response of the metrics API; null if the cluster has no metrics API.</summary>
    public JsonObject? Metrics { get; set; }

    public int MetricsRequestCount => Volatile.Read(ref metricsAsked);

    /// <summary>Start versions of all watches, and <c>list</c> for each list request.</summary>
    public ConcurrentQueue<string> ListsAndWatches { get; } = new();

    public string KubeConfig => kubeConfig.FullName;

    public static async Task<ApiServerDouble> Start()
    {
        var server = new ApiServerDouble();
        await server.app.StartAsync();
        var url = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await File.WriteAllTextAsync(
            server.KubeConfig,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: double
            contexts: [{ name: double, context: { cluster: double, user: double, namespace: models } }]
            clusters: [{ name: double, cluster: { server: "{{url}}" } }]
            users: [{ name: double, user: { token: of-the-double } }]
            """
        );
        return server;
    }

    /// <summary>
    /// Whether a watch from an expired version is rejected with status 410. If false, the watch begins and sends 410 as an event. A real
    /// API server does either.
    /// </summary>
    public bool RejectsExpiredWatches { get; set; }

    /// <summary>Responds to the next requests with 429.</summary>
    /// <param name="requests">The number of requests.</param>
    /// <param name="retryAfter">The value of the <c>Retry-After</c> header, in seconds.</param>
    public void ThrottleRequests(int requests, int retryAfter)
    {
        this.retryAfter = retryAfter;
        Interlocked.Exchange(ref busy, requests);
    }

    /// <summary>Responds with 410 to the next requests for a further page of a list.</summary>
    public void ExpireListPages(int requests) => Interlocked.Exchange(ref expiringPages, requests);

    /// <summary>Whether clients have the right to read logs; default true.</summary>
    public bool AllowsLogs { get; set; } = true;

    /// <summary>Number of log requests in flight.</summary>
    public int OpenLogCount => Volatile.Read(ref openLogs);

    /// <summary>Responds with 500 to the next requests for the log of a previous run, as for an unavailable node.</summary>
    public void FailPreviousLogs(int requests) => Interlocked.Exchange(ref failingPrevious, requests);

    /// <summary>Aborts all open watches and logs.</summary>
    public void AbortStreams()
    {
        var old = Interlocked.Exchange(ref streams, new());
        old.Cancel();
        old.Dispose();
    }

    /// <summary>Begins an outage: aborts open and new requests until <see cref="EndOutage"/>.</summary>
    public void BeginOutage()
    {
        isUnavailable = true;
        AbortStreams();
    }

    /// <summary>Ends the outage of <see cref="BeginOutage"/>.</summary>
    public void EndOutage() => isUnavailable = false;

    public async ValueTask DisposeAsync()
    {
        AbortStreams();
        await app.StopAsync();
        await app.DisposeAsync();
        kubeConfig.Delete();
    }

    private static IResult Respond((int Code, JsonObject Body) response) =>
        TypedResults.Text(response.Body.ToJsonString(), "application/json", statusCode: response.Code);

    private async Task ListOrWatch(HttpContext context)
    {
        var query = context.Request.Query;
        if (query["watch"] == "true" || query["watch"] == "True")
            await Watch(
                context,
                query["resourceVersion"].FirstOrDefault() is { Length: > 0 } from ? long.Parse(from) : 0,
                query["labelSelector"],
                query["allowWatchBookmarks"] == "true"
            );
        else
            await Respond(List(query["labelSelector"], int.Parse(query["limit"].FirstOrDefault() ?? "0"), query["continue"]))
                .ExecuteAsync(context);
    }

    private (int Code, JsonObject Body) List(string? selector, int limit, string? after)
    {
        ListsAndWatches.Enqueue("list");
        if (after is not null && Interlocked.Decrement(ref expiringPages) >= 0)
            return (410, PodStore.Status(410, "The provided continue parameter is too old to display a consistent list result."));
        var (all, version) = Pods.Snapshot();
        var found = all.Where(pod => Matches(pod, selector) && string.CompareOrdinal((string?)pod["metadata"]!["name"], after ?? "") > 0)
            .ToList();
        var page = limit > 0 && found.Count > limit ? found.Take(limit).ToList() : found;
        return (200, PodList(page, version, page.Count < found.Count ? (string?)page[^1]["metadata"]!["name"] : null));
    }

    private static JsonObject PodList(IReadOnlyList<JsonObject> items, long version, string? next) =>
        new()
        {
            ["kind"] = "PodList",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{version}", ["continue"] = next },
            ["items"] = new JsonArray([.. items]),
        };

    private static JsonObject Ending(string ns) =>
        new()
        {
            ["kind"] = "Namespace",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["name"] = ns },
            ["status"] = new JsonObject { ["phase"] = "Terminating" },
        };

    private async Task Watch(HttpContext context, long from, string? selector, bool bookmarks)
    {
        ListsAndWatches.Enqueue($"{from}");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            streams.Token,
            app.Lifetime.ApplicationStopping
        );
        end.CancelAfter(
            TimeSpan.FromSeconds(
                double.Parse(context.Request.Query["timeoutSeconds"].FirstOrDefault() ?? "1800", CultureInfo.InvariantCulture)
            )
        );
        if (RejectsExpiredWatches && Pods.After(from) is null)
        {
            await Respond((410, PodStore.Status(410, $"too old resource version: {from}"))).ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(end.Token);
        while (!end.IsCancellationRequested)
        {
            var changed = Pods.Changed;
            if (Pods.After(from) is not { } next)
            {
                await Send("ERROR", PodStore.Status(410, $"too old resource version: {from}"));
                return;
            }

            foreach (var (type, pod) in next.Events.Where(e => Matches(e.Pod, selector)))
                await Send(type, pod);
            var isBehind = next.Through > from;
            from = next.Through;
            if (bookmarks && isBehind)
            {
                await Send(
                    "BOOKMARK",
                    new()
                    {
                        ["kind"] = "Pod",
                        ["apiVersion"] = "v1",
                        ["metadata"] = new JsonObject { ["resourceVersion"] = $"{from}" },
                    }
                );
            }

            await changed.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Abort in the middle of the response, as a restarting proxy does.
        if (streams.IsCancellationRequested || isUnavailable)
            context.Abort();

        async Task Send(string type, JsonObject of)
        {
            await context.Response.WriteAsync(
                new JsonObject { ["type"] = type, ["object"] = of.DeepClone() }.ToJsonString() + "\n",
                end.Token
            );
            await context.Response.Body.FlushAsync(end.Token);
        }
    }

    private async Task<IResult> Apply(HttpContext context, string name)
    {
        if (
            context.Request.ContentType?.StartsWith("application/apply-patch+yaml", StringComparison.Ordinal) is not true
            || context.Request.Query["fieldManager"].FirstOrDefault() is not { } manager
        )
            return Respond((415, PodStore.Status(415, "only server-side apply with a field manager")));
        var pod = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        return (string?)pod["metadata"]?["name"] != name || pod["spec"]?["containers"]?.AsArray() is not { Count: > 0 }
            ? Respond((422, PodStore.Status(422, "Pod is invalid")))
            : Respond(Applied(context, Pods.Apply(name, pod, manager, context.Request.Query["force"] == "true")));
    }

    /// <summary>Creates a pod by POST, as other programs do.</summary>
    private async Task<IResult> Create(HttpContext context)
    {
        var pod = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        return Respond(Pods.Create(pod, context.Request.Query["fieldManager"].FirstOrDefault() ?? "unknown"));
    }

    private (int Code, JsonObject Body) Applied(HttpContext context, (int Code, JsonObject Body) response)
    {
        if (response.Code == StatusCodes.Status201Created)
            calls.TryAdd(ApiCall.FromRequest(context.Request) with { Verb = "create" }, true);
        return response;
    }

    private async Task<IResult> Delete(HttpContext context, string name)
    {
        var options =
            context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0
                ? await JsonNode.ParseAsync(context.Request.Body)
                : null;
        return Respond(Pods.Delete(name, (string?)options?["preconditions"]?["uid"], (long?)options?["gracePeriodSeconds"]));
    }

    private async Task Log(HttpContext context, string name)
    {
        var query = context.Request.Query;
        var previous = query["previous"] == "true";
        if (Pods.Find(name) is null)
        {
            await Respond((404, PodStore.Status(404, $"pods \"{name}\" not found"))).ExecuteAsync(context);
            return;
        }

        if (!AllowsLogs)
        {
            await Respond((403, PodStore.Status(403, $"pods \"{name}\" is forbidden: User \"silo\" cannot get resource \"pods/log\"")))
                .ExecuteAsync(context);
            return;
        }

        if (previous && Interlocked.Decrement(ref failingPrevious) >= 0)
        {
            await Respond((500, PodStore.Status(500, "Get \"https://node-1:10250/containerLogs\": dial tcp: connect: connection refused")))
                .ExecuteAsync(context);
            return;
        }

        if (Logs.Find(name, previous) is not { } run)
        {
            var message = previous
                ? $"previous terminated container \"serving\" in pod \"{name}\" not found"
                : $"container \"serving\" in pod \"{name}\" is waiting to start: ContainerCreating";
            await Respond((400, PodStore.Status(400, message))).ExecuteAsync(context);
            return;
        }

        var since = query["sinceTime"].FirstOrDefault() is { } text
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
            : DateTimeOffset.MinValue;
        Interlocked.Increment(ref openLogs);
        await Follow(context, run, since, query["follow"] == "true");
        Interlocked.Decrement(ref openLogs);
    }

    private async Task Follow(HttpContext context, ContainerLogs.Run run, DateTimeOffset since, bool follow)
    {
        var cut = streams.Token;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, cut, app.Lifetime.ApplicationStopping);
        context.Response.ContentType = "text/plain";
        var next = 0;
        while (true)
        {
            var changed = Logs.Changed;
            var (lines, to, isEnded) = Logs.Read(run, next, since);
            next = to;
            foreach (var line in lines)
                await context.Response.WriteAsync(line, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // As on a real node, the response headers are sent with the first line.
            if (lines.Count > 0)
                await context.Response.Body.FlushAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (isEnded || !follow)
                return;
            await changed.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!end.IsCancellationRequested)
                continue;
            if (cut.IsCancellationRequested)
                context.Abort();
            return;
        }
    }

    private static bool Matches(JsonObject pod, string? selector) =>
        (selector ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('='))
            .All(part => (string?)pod["metadata"]!["labels"]?[part[0]] == part[1]);
}
