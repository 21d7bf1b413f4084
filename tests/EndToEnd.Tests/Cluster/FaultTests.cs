using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Cluster;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests.Cluster;

/// <summary>
/// Three silos over PostgreSQL, under load all the while, of which something goes down again and again: nothing that was acknowledged is lost, and
/// nobody sees an error but who was under way right there. <c>DEPLOYCARD_TEST_ROUNDS</c> gives other numbers of rounds, and
/// <c>DEPLOYCARD_TEST_TABLE</c> a file for the figures.
/// </summary>
public sealed class FaultTests
{
    private const string Steady = "steady";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_killed_takes_only_the_requests_along_that_it_had()
    {
        await using var faults = await FaultRun.Start(Cancellation);
        for (var round = 0; round < CrashRun.Rounds(normal: 2); round++)
        {
            await faults.Load();
            var silo = faults.AnySilo();
            faults.Calls.Mark(silo, down: true);
            var killed = SteadyClients.Now;
            await silo.Kill(Cancellation);
            // Its pods are gone within the same moment, and with them what others had sent there.
            faults.Clients.Excuse(null, killed, killed);
            await faults.Recovered(killed);
            await silo.Run(Cancellation);
            faults.Clients.Excuse(silo, killed, SteadyClients.Now);
            faults.Calls.Mark(silo, down: false);
        }

        await faults.End("a silo of three gets SIGKILL");
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_warm_predictions_go_on_and_nothing_is_accepted()
    {
        await using var faults = await FaultRun.Start(Cancellation);
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            await faults.Load();
            faults.Calls.ExpectEither();
            await faults.Cluster.Database.Stop();
            faults.Calls.Expect("STORAGE_AWAY");
            faults.Calls.Clients.Add();
            await faults.Calls.Register.MoreRefusals(20, Cancellation);
            await faults.Clients.More(FaultRun.IsLong ? 3000 : 500, Cancellation);
            faults.Calls.ExpectEither();
            var back = SteadyClients.Now;
            await faults.Cluster.Database.Start();
            await faults.Recovered(back);
            faults.Calls.Expect(null);
            await faults.Calls.Clients.TakeBack();
        }

        await faults.End("PostgreSQL is stopped and started");
    }

    [Fact]
    public async Task Silos_that_are_restarted_one_after_the_other_fail_no_request()
    {
        await using var faults = await FaultRun.Start(Cancellation);
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            foreach (var silo in faults.Cluster.Silos)
            {
                await faults.Load();
                // As a load balancer does that sees that it is not ready any more. What it has on the way is not broken off.
                faults.Calls.Mark(silo, down: true);
                faults.Clients.Rest(silo, rests: true);
                var asked = SteadyClients.Now;
                (await silo.Interrupt(Cancellation)).ShouldBe(0);
                await faults.Recovered(asked);
                await silo.Run(Cancellation);
                faults.Clients.Rest(silo, rests: false);
                faults.Calls.Mark(silo, down: false);
            }
        }

        await faults.End("a silo of three is restarted in order");
    }

    /// <summary>A cluster under load, with a deployment for asynchronous calls and one for synchronous requests.</summary>
    private sealed class FaultRun(SiloCluster cluster, CrashRun calls, SteadyClients clients, string key) : IAsyncDisposable
    {
        private readonly List<TimeSpan> recoveries = [];

        /// <summary>Whether somebody asked for more rounds than every test run has.</summary>
        public static bool IsLong => Environment.GetEnvironmentVariable("DEPLOYCARD_TEST_ROUNDS") is { Length: > 0 };

        public SiloCluster Cluster => cluster;

        public CrashRun Calls => calls;

        public SteadyClients Clients => clients;

        public static async Task<FaultRun> Start(CancellationToken cancellationToken)
        {
            var cluster = await SiloCluster.Start(cancellationToken);
            var calls = await CrashRun.Start(cluster.Silos, "1-3", failing: 10);
            var key = await calls.Card.Deploy(Steady, "echo", new { pods = "2-2" });
            await calls.Card.DeploymentWith("READY", Steady, cancellationToken);
            return new(cluster, calls, new(cluster.Silos, $"/predict/{Steady}/x", key), key);
        }

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
                using var accepted = await card.Send(HttpMethod.Post, $"/predict/{Steady}/x", key, new StringContent("x"), Cancellation, ("X-Async-Request", "true"), ("Prefer", "wait=10"));
                if (accepted.StatusCode is not HttpStatusCode.Accepted)
                    return false;
                using var ended = await card.Send(HttpMethod.Get, accepted.Headers.Location!.OriginalString, key, cancellationToken: Cancellation, headers: ("Prefer", "wait=20"));
                return ended.IsSuccessStatusCode && (await ended.Content.ReadAsStringAsync(Cancellation)).Contains("COMPLETED", StringComparison.Ordinal);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
