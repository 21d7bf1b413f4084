namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>
/// Clients of all silos that do everything of which something is measured, again and again: predictions that succeed, fail and are refused, calls
/// whose ends are told to who takes them and who does not, crashes of the pod, lines in its log, GraphQL.
/// </summary>
internal sealed class EverythingLoad : IAsyncDisposable
{
    public const string Deployment = "measured";

    /// <summary>A deployment that has room for one request only.</summary>
    private const string Narrow = "narrow";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CrashPause = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource stop = new();
    private readonly Card[] cards;
    private readonly List<GraphQLSocket> sockets = [];
    private Task clients = Task.CompletedTask;

    private EverythingLoad(IReadOnlyList<SiloProcess> silos) => cards = [.. silos.Select(silo => new Card(silo))];

    public static async Task<EverythingLoad> Start(IReadOnlyList<SiloProcess> silos, Receiver receiver)
    {
        var load = new EverythingLoad(silos);
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
            .. load.cards.Select(card => load.Repeat(Pause, () => Predict(card, key))),
            .. load.cards.Select(card => load.Repeat(Pause, () => Call(card, key, receiver))),
            load.Repeat(
                Pause,
                () =>
                    Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Ask(load.cards[0], HttpMethod.Get, "/slow?ms=100", narrowKey, Narrow)))
            ),
            load.Repeat(CrashPause, () => Ask(load.cards[0], HttpMethod.Post, "/crash", key)),
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

    private async Task Repeat(TimeSpan pause, Func<Task> act)
    {
        while (!stop.IsCancellationRequested)
        {
            await act();
            await Task.Delay(pause, TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task Predict(Card card, string key)
    {
        await Ask(card, HttpMethod.Get, "/x", key);
        await Ask(card, HttpMethod.Get, "/status/500", key);
        await Ask(card, HttpMethod.Get, "/x", null);
        await Ask(card, HttpMethod.Post, "/print", key);
        await card.Query($$"""{ deployment(name: "{{Deployment}}") { status } }""", cancellationToken: CancellationToken.None);
    }

    private static async Task Call(Card card, string key, Receiver receiver)
    {
        await Ask(card, HttpMethod.Post, "/x", key, ("X-Async-Request", "true"), ("X-Callback-Url", receiver.At("takes")));
        await Ask(card, HttpMethod.Post, "/status/400", key, ("X-Async-Request", "true"), ("X-Callback-Url", receiver.At("refuses")));
        await Ask(card, HttpMethod.Post, "/status/503", key, ("X-Async-Request", "true"), ("X-Full-Live-Timeout", "1"));
    }

    /// <summary>Whatever comes of it: that is what is measured.</summary>
    private static Task Ask(Card card, HttpMethod method, string path, string? key, params (string Name, string Value)[] headers) =>
        Ask(card, method, path, key, Deployment, headers);

    private static async Task Ask(
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
