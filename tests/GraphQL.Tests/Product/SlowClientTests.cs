using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>
/// Tests that a client that does not read uses little memory, delays no other client, and later learns how much it missed.
/// </summary>
[Collection(SiloCollection.Name)]
public sealed class SlowClientTests : IAsyncLifetime
{
    private const string Logs = "subscription { logLines(deployment: \"iris\") { droppedLines lines { sequence text } } }";
    private const string State = "subscription { deploymentChanged(name: \"iris\") { title } }";
    private const int Chunks = 2_000;
    private const int LinesPerChunk = 20;

    private readonly TestSilos silos = new();
    private ProductFrontend frontend = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ILogGrain Log => silos.Grains.GetGrain<ILogGrain>("iris");

    public async ValueTask InitializeAsync()
    {
        await silos.Start();
        (
            await silos.Deployment("iris").Create(new(null, ScriptedImageCatalog.Plain, new() { Pods = "0-1" }), "anna", Token)
        ).Errors.ShouldBeEmpty();
        frontend = await ProductFrontend.Start(silos.Cluster.Silos[0].ServiceProvider);
    }

    public async ValueTask DisposeAsync()
    {
        await frontend.DisposeAsync();
        await silos.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Slow_log_client_gets_the_count_of_dropped_lines_while_another_client_gets_every_line(bool isSocket)
    {
        using var watchers = new StreamSubscriberCounter();
        await using var slow = isSocket ? null : new EventClient(frontend.Address);
        await using var slowSocket = isSocket ? await frontend.ConnectAndInitialize() : null;
        if (slow is not null)
            await slow.Subscribe(Logs);
        else
            await slowSocket!.Subscribe("1", Logs);
        await using var quick = await frontend.ConnectAndInitialize();
        await quick.Subscribe("1", Logs);
        // Both clients share one reader of the log.
        await Eventually.True(
            () => watchers.Count == 1 && frontend.OpenSubscriptions == 2,
            "both subscriptions are open",
            TestContext.Current.CancellationToken
        );
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // 40 MB exceed the buffers of the connection and the grain. The fast client reads each chunk before the next is written.
        var (text, lines) = (new string('x', 1000), 0);
        for (var chunk = 0; chunk < Chunks; chunk++)
        {
            await Log.Append(
                new PodName("pod"),
                [.. Enumerable.Range(0, LinesPerChunk).Select(_ => new PodLogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, text))]
            );
            while (lines < (chunk + 1) * LinesPerChunk)
            {
                var batch = (await quick.Receive()).Payload.GetProperty("data").GetProperty("logLines");
                batch.GetProperty("droppedLines").GetInt64().ShouldBe(0);
                lines += batch.GetProperty("lines").GetArrayLength();
            }
        }

        // The limit covers the log's history, the buffers of 256 chunks and the buffers of the connection. Polling ignores temporary memory
        // of other tests.
        await Eventually.True(
            () => GC.GetTotalMemory(forceFullCollection: true) - before < 40_000_000,
            "the slow client does not make the server buffer the whole log",
            TestContext.Current.CancellationToken
        );
        lines.ShouldBe(Chunks * LinesPerChunk);
        var (seen, droppedLines) = (0L, 0L);
        while (seen + droppedLines < Chunks * LinesPerChunk)
        {
            var batch = (slow is not null ? await slow.Next() : (await slowSocket!.Receive()).Payload)
                .GetProperty("data")
                .GetProperty("logLines");
            droppedLines += batch.GetProperty("droppedLines").GetInt64();
            seen += batch.GetProperty("lines").GetArrayLength();
        }

        droppedLines.ShouldBeGreaterThan(0);
        seen.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Slow_state_client_gets_the_latest_state()
    {
        await using var slow = await frontend.ConnectAndInitialize();
        await slow.Subscribe("1", State);
        await Eventually.True(() => frontend.OpenSubscriptions == 1, "the subscription is open", TestContext.Current.CancellationToken);

        // The client does not read during these updates.
        for (var i = 1; i <= 100; i++)
            (await silos.Deployment("iris").Update(new($"Title {i}", null, null, null), "anna", Token)).Errors.ShouldBeEmpty();

        var titles = new List<string?>();
        while (titles.LastOrDefault() != "Title 100")
            titles.Add(
                (await slow.Receive()).Payload.GetProperty("data").GetProperty("deploymentChanged").GetProperty("title").GetString()
            );
        titles.Count.ShouldBeLessThanOrEqualTo(101);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disconnected_client_leaves_no_reader_at_any_grain(bool orderly)
    {
        using var watchers = new StreamSubscriberCounter();
        await using var socket = await frontend.ConnectAndInitialize();
        string[] subscriptions =
        [
            Logs,
            State,
            "subscription { deploymentsChanged { isSnapshot } }",
            "subscription { asyncCallChanged(deployment: \"iris\") { id } }",
        ];
        foreach (var (text, id) in subscriptions.Select((text, i) => (text, $"{i}")))
            await socket.Subscribe(id, text);
        await using (var events = new EventClient(frontend.Address))
        {
            await events.Subscribe(State);
            await Eventually.True(
                () => watchers.Count == 5 && frontend.OpenSubscriptions == 5,
                "all are open",
                TestContext.Current.CancellationToken
            );
            if (orderly)
                await socket.Close();
            else
                socket.Abort();
        }

        await Eventually.True(
            () => watchers.Count == 0 && frontend.OpenSubscriptions == 0,
            "all have ended",
            TestContext.Current.CancellationToken
        );
    }
}
