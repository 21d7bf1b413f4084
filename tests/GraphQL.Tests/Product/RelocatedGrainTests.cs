using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Tests subscriptions at one silo while the silos that host their grains stop.</summary>
[Collection(SiloCollection.Name)]
public sealed class RelocatedGrainTests : IAsyncLifetime
{
    private const string Iris = "iris";
    private readonly TestSilos silos = new() { SiloCount = 3 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await silos.Start();
        (
            await silos.Deployment(Iris).Create(new(null, ScriptedImageCatalog.Plain, new() { Pods = "0-1" }), "anna", Token)
        ).Errors.ShouldBeEmpty();
    }

    public ValueTask DisposeAsync() => silos.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Subscriptions_continue_when_the_silos_of_their_grains_stop(bool isKilled)
    {
        var (deployment, log) = (silos.Deployment(Iris), silos.Grains.GetGrain<ILogGrain>(Iris));
        await Write(log, "before");
        // Use a frontend on a silo that hosts neither grain.
        var homes = new[] { await silos.FindSilo(deployment), await silos.FindSilo(log) };
        await using var frontend = await ProductFrontend.Start(silos.Cluster.Silos.First(silo => !homes.Contains(silo)).ServiceProvider);
        await using var socket = await frontend.ConnectAndInitialize();
        await socket.Subscribe("state", "subscription { deploymentChanged(name: \"iris\") { title } }");
        await socket.Subscribe("log", "subscription { logLines(deployment: \"iris\") { lines { text } droppedLines } }");
        var (titles, texts) = (new List<string?>(), new List<string?>());
        await Receive(() => titles.Count == 1 && texts.Count == 1);

        foreach (var home in homes.Distinct())
            await (isKilled ? silos.Cluster.KillSiloAsync(home, Token) : silos.Cluster.StopSiloAsync(home, Token));
        var calls = new Client.Cluster.GrainRetry(TimeProvider.System);
        (await calls.Execute(() => deployment.Update(new("after", null, null, null), "anna", Token), Token)).Errors.ShouldBeEmpty();
        await calls.Execute(() => Write(log, "after"), Token);

        await Receive(() => titles[^1] == "after" && texts.Count >= 2);
        texts.ShouldBe(["before", "after"]);

        async Task Receive(Func<bool> isDone)
        {
            while (!isDone())
            {
                var message = await socket.Receive();
                message.Type.ShouldBe("next");
                var data = message.Payload.GetProperty("data");
                if (message.Id == "state")
                    titles.Add(data.GetProperty("deploymentChanged").GetProperty("title").GetString());
                else
                    texts.AddRange(
                        data.GetProperty("logLines")
                            .GetProperty("lines")
                            .EnumerateArray()
                            .Select(line => line.GetProperty("text").GetString())
                    );
            }
        }
    }

    private static Task Write(ILogGrain log, string text) =>
        log.Append(new PodName("pod"), [new PodLogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, text)]);
}
