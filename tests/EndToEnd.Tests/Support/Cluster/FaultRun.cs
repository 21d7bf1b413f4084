using System.Net;
using DeployCard.EndToEnd.Tests.Support.Crash;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>A cluster under load, with one deployment for asynchronous calls and one for synchronous requests.</summary>
internal sealed class FaultRun(SiloCluster cluster, CrashRun calls, SteadyClients clients, string key) : IAsyncDisposable
{
    private const string Steady = "steady";

    private readonly List<TimeSpan> recoveries = [];
    private readonly PodObserver steady = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Minimum duration of a database outage: 30 s if <c>DEPLOYCARD_TEST_ROUNDS</c> is set, otherwise 0.</summary>
    public static TimeSpan MinOutage =>
        Environment.GetEnvironmentVariable("DEPLOYCARD_TEST_ROUNDS") is { Length: > 0 } ? TimeSpan.FromSeconds(30) : TimeSpan.Zero;

    public SiloCluster Cluster => cluster;

    public CrashRun Calls => calls;

    public SteadyClients Clients => clients;

    public static async Task<FaultRun> Start(SiloCluster cluster)
    {
        var calls = await CrashRun.Start(cluster.Silos, "1-3", failing: 10);
        var key = await calls.Card.Deploy(Steady, "echo", new { pods = "2-2" });
        await calls.Card.WaitForDeployment("READY", Steady, Cancellation);
        return new(cluster, calls, new(cluster.Silos, $"/predict/{Steady}/x", key), key);
    }

    /// <summary>Returns descriptions of the current pods of the deployment that must have exactly two.</summary>
    public IReadOnlyList<string> DescribeSteadyPods() =>
        [.. cluster.Silos.SelectMany(silo => steady.DescribeAll(silo.PodsOf(Steady)).Select(pod => $"of {silo.Origin}: {pod}"))];

    public SiloProcess RandomSilo() => cluster.Silos[calls.Random.Next(cluster.Silos.Count)];

    /// <summary>Waits until the clients have produced some load.</summary>
    public async Task WaitForLoad()
    {
        await calls.Register.WaitForAcceptances(calls.Random.Next(30, 90), Cancellation);
        await clients.WaitForMore(100, Cancellation);
    }

    /// <summary>Waits until a new call is accepted and completed, and records the time since <paramref name="since"/>.</summary>
    public async Task WaitForRecovery(long since)
    {
        await Eventually.Get(() => Complete(calls.CardOf(calls.Random.Next(cluster.Silos.Count))), isDone => isDone, Cancellation);
        recoveries.Add(TimeProvider.System.GetElapsedTime(since));
    }

    public async Task Finish(string fault)
    {
        await clients.DisposeAsync();
        var found = await calls.End();
        var row = FaultRow.From(fault, found, clients, recoveries);
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
