namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>
/// Clients of all silos that repeatedly produce every kind of metric: predictions that succeed, fail and are rejected, calls whose
/// callbacks are accepted and refused, pod crashes, log lines and GraphQL requests.
/// </summary>
internal sealed class AllMetricsLoad : IAsyncDisposable
{
    public const string Deployment = "measured";

    /// <summary>A deployment with room for a single request.</summary>
    private const string Narrow = "narrow";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CrashInterval = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource stop = new();
    private readonly Card[] cards;
    private readonly List<GraphQLSocket> sockets = [];
    private Task clients = Task.CompletedTask;

    private AllMetricsLoad(IReadOnlyList<SiloProcess> silos) => cards = [.. silos.Select(silo => new Card(silo))];

    public static async Task<AllMetricsLoad> Start(IReadOnlyList<SiloProcess> silos, Receiver receiver)
    {
        var load = new AllMetricsLoad(silos);
        var key = await load.cards[0].Deploy(Deployment, "echo", new { pods = "0-1" });
        var narrowKey = await load.cards[0]
            .Deploy(
                Narrow,
                "echo",
                new
                {
                    pods = "1-1",
                    concurrency = 1,
                    queueLength = 0,
                }
            );
        await load.cards[0].Query($$"""mutation { createWebhookSecret(deployment: "{{Deployment}}") { secret } }""");
        foreach (var silo in silos)
        {
            var socket = await GraphQLSocket.Connect(silo, CancellationToken.None);
            load.sockets.Add(socket);
            await socket.Subscribe(
                "watch",
                $$"""subscription { deploymentChanged(name: "{{Deployment}}") { status } }""",
                CancellationToken.None
            );
        }

        load.clients = Task.WhenAll([
            .. load.cards.Select(card => load.Repeat(Interval, () => Predict(card, key))),
            .. load.cards.Select(card => load.Repeat(Interval, () => Call(card, key, receiver))),
            load.Repeat(
                Interval,
                () =>
                    Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Send(load.cards[0], HttpMethod.Get, "/slow?ms=100", narrowKey, Narrow)))
            ),
            load.Repeat(CrashInterval, () => Send(load.cards[0], HttpMethod.Post, "/crash", key)),
        ]);
        return load;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await clients;
        foreach (var socket in sockets)
            await socket.DisposeAsync();
        foreach (var card in cards)
            card.Dispose();
        stop.Dispose();
    }

    private async Task Repeat(TimeSpan interval, Func<Task> act)
    {
        while (!stop.IsCancellationRequested)
        {
            await act();
            await Task.Delay(interval, TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task Predict(Card card, string key)
    {
        await Send(card, HttpMethod.Get, "/x", key);
        await Send(card, HttpMethod.Get, "/status/500", key);
        await Send(card, HttpMethod.Get, "/x", null);
        await Send(card, HttpMethod.Post, "/print", key);
        await card.Query($$"""{ deployment(name: "{{Deployment}}") { status } }""", cancellationToken: CancellationToken.None);
    }

    private static async Task Call(Card card, string key, Receiver receiver)
    {
        await Send(card, HttpMethod.Post, "/x", key, ("X-Async-Request", "true"), ("X-Callback-Url", receiver.UrlOf("takes")));
        await Send(card, HttpMethod.Post, "/status/400", key, ("X-Async-Request", "true"), ("X-Callback-Url", receiver.UrlOf("refuses")));
        await Send(card, HttpMethod.Post, "/status/503", key, ("X-Async-Request", "true"), ("X-Full-Live-Timeout", "1"));
    }

    /// <summary>Sends a request and ignores its outcome: the metrics record it.</summary>
    private static Task Send(Card card, HttpMethod method, string path, string? key, params (string Name, string Value)[] headers) =>
        Send(card, method, path, key, Deployment, headers);

    private static async Task Send(
        Card card,
        HttpMethod method,
        string path,
        string? key,
        string deployment,
        params (string Name, string Value)[] headers
    )
    {
        using var body = method == HttpMethod.Post ? new StringContent("a line") : null;
        using var response = await card.Send(method, $"/predict/{deployment}{path}", key, body, CancellationToken.None, headers);
        await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
    }
}
