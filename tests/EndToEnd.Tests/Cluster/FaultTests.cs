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
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_killed_takes_only_the_requests_along_that_it_had()
    {
        await using var faults = await FaultRun.Start(await SiloCluster.Start(Cancellation));
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
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
        await using var faults = await FaultRun.Start(await SiloCluster.Start(Cancellation));
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            await faults.Load();
            faults.Calls.ExpectEither();
            var away = SteadyClients.Now;
            await faults.Cluster.Database.Stop();
            faults.Calls.Expect("STORAGE_UNAVAILABLE");
            faults.Calls.Clients.Add();
            await faults.Calls.Register.MoreRefusals(20, Cancellation);
            await faults.Clients.More(500, Cancellation);
            while (TimeProvider.System.GetElapsedTime(away) < FaultRun.Outage)
                await faults.Clients.More(100, Cancellation);
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
        await using var faults = await FaultRun.Start(await SiloCluster.Start(Cancellation));
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
}
