using System.Net;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>A cluster under load, with a deployment for asynchronous calls and one for synchronous requests.</summary>
internal sealed class FaultRun(SiloCluster cluster, CrashRun calls, SteadyClients clients, string key) : IAsyncDisposable
{
    private const string Steady = "steady";

    private readonly List<TimeSpan> recoveries = [];
    private readonly PodCount steady = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>How long the database is away at least: longer where somebody asked for more rounds than every test run has.</summary>
    public static TimeSpan Outage =>
        Environment.GetEnvironmentVariable("DEPLOYCARD_TEST_ROUNDS") is { Length: > 0 } ? TimeSpan.FromSeconds(30) : TimeSpan.Zero;

    public SiloCluster Cluster => cluster;

    public CrashRun Calls => calls;

    public SteadyClients Clients => clients;

    public static async Task<FaultRun> Start(SiloCluster cluster)
    {
        var calls = await CrashRun.Start(cluster.Silos, "1-3", failing: 10);
        var key = await calls.Card.Deploy(Steady, "echo", new { pods = "2-2" });
        await calls.Card.DeploymentWith("READY", Steady, Cancellation);
        return new(cluster, calls, new(cluster.Silos, $"/predict/{Steady}/x", key), key);
    }

    /// <summary>The pods that are there now of the deployment that wants exactly two, each in words.</summary>
    public IReadOnlyList<string> SteadyPods() =>
        [.. cluster.Silos.SelectMany(silo => steady.Of(silo.PodsOf(Steady)).Select(pod => $"of {silo.Origin}: {pod}"))];

    public SiloProcess AnySilo() => cluster.Silos[calls.Random.Next(cluster.Silos.Count)];

    /// <summary>Waits until there was something to do.</summary>
    public async Task Load()
    {
        await calls.Register.MoreAcceptances(calls.Random.Next(30, 90), Cancellation);
        await clients.More(100, Cancellation);
    }

    /// <summary>Waits until a new call is accepted and completed, and notes how long that took.</summary>
    public async Task Recovered(long since)
    {
        await Eventually.Get(() => Complete(calls.CardOf(calls.Random.Next(cluster.Silos.Count))), isDone => isDone, Cancellation);
        recoveries.Add(TimeProvider.System.GetElapsedTime(since));
    }

    public async Task End(string fault)
    {
        await clients.DisposeAsync();
        var found = await calls.End();
        var row = FaultRow.Of(fault, found, clients, recoveries);
        await row.Add(Cancellation);
        found.ShouldHold();
        found.Calls.Count(call => call.IsCompleted).ShouldBeGreaterThan(found.Calls.Count * 9 / 10);
        clients.Errors.ShouldBeEmpty();
        clients.Count.ShouldBeGreaterThan(100);
    }

    public async ValueTask DisposeAsync()
    {
        await calls.DisposeAsync();
        await cluster.DisposeAsync();
    }

    private async Task<bool> Complete(Card card)
    {
        try
        {
            using var accepted = await card.Send(
                HttpMethod.Post,
                $"/predict/{Steady}/x",
                key,
                new StringContent("x"),
                Cancellation,
                ("X-Async-Request", "true"),
                ("Prefer", "wait=10")
            );
            if (accepted.StatusCode is not HttpStatusCode.Accepted)
                return false;
            using var ended = await card.Send(
                HttpMethod.Get,
                accepted.Headers.Location!.OriginalString,
                key,
                cancellationToken: Cancellation,
                headers: ("Prefer", "wait=20")
            );
            return ended.IsSuccessStatusCode
                && (await ended.Content.ReadAsStringAsync(Cancellation)).Contains("COMPLETED", StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
