using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>A client that does not read costs the server little, holds nobody up, and learns later what it missed.</summary>
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
    public async Task Of_a_log_the_middle_is_left_out_and_counted_while_another_client_gets_every_line(bool isSocket)
    {
        using var watchers = new LiveWatchers();
        await using var slow = isSocket ? null : new EventClient(frontend.Address);
        await using var slowSocket = isSocket ? await frontend.Greeted() : null;
        if (slow is not null)
            await slow.Subscribe(Logs);
        else
            await slowSocket!.Subscribe("1", Logs);
        await using var quick = await frontend.Greeted();
        await quick.Subscribe("1", Logs);
        // They share one reader of the log.
        await Eventually.True(() => watchers.Count == 1 && frontend.OpenSubscriptions == 2, "both are there");
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // 40 MB, which fit neither in the connection nor in the grain's buffer. Each chunk is read by the quick one before the next is written.
        var (text, lines) = (new string('x', 1000), 0);
        for (var chunk = 0; chunk < Chunks; chunk++)
        {
            await Log.Append(
                new PodName("pod"),
                [.. Enumerable.Range(0, LinesPerChunk).Select(_ => new PodLogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, text))]
            );
            while (lines < (chunk + 1) * LinesPerChunk)
            {
                var lot = (await quick.Receive()).Payload.GetProperty("data").GetProperty("logLines");
                lot.GetProperty("droppedLines").GetInt64().ShouldBe(0);
                lines += lot.GetProperty("lines").GetArrayLength();
            }
        }

        // The history that the log keeps, the buffers of 256 chunks, and what the connection has taken. What tests beside this one have for a moment goes again.
        await Eventually.True(
            () => GC.GetTotalMemory(forceFullCollection: true) - before < 40_000_000,
            "the slow one has the log read no further than this"
        );
        lines.ShouldBe(Chunks * LinesPerChunk);
        var (seen, droppedLines) = (0L, 0L);
        while (seen + droppedLines < Chunks * LinesPerChunk)
        {
            var lot = (slow is not null ? await slow.Next() : (await slowSocket!.Receive()).Payload)
                .GetProperty("data")
                .GetProperty("logLines");
            droppedLines += lot.GetProperty("droppedLines").GetInt64();
            seen += lot.GetProperty("lines").GetArrayLength();
        }

        droppedLines.ShouldBeGreaterThan(0);
        seen.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Of_a_state_the_newest_is_given()
    {
        await using var slow = await frontend.Greeted();
        await slow.Subscribe("1", State);
        await Eventually.True(() => frontend.OpenSubscriptions == 1, "it is open");

        // It does not read meanwhile.
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
    public async Task A_client_that_goes_away_leaves_no_reader_at_any_grain(bool orderly)
    {
        using var watchers = new LiveWatchers();
        await using var socket = await frontend.Greeted();
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
            await Eventually.True(() => watchers.Count == 5 && frontend.OpenSubscriptions == 5, "all are open");
            if (orderly)
                await socket.Close();
            else
                socket.Abort();
        }

        await Eventually.True(() => watchers.Count == 0 && frontend.OpenSubscriptions == 0, "all have ended");
    }
}
