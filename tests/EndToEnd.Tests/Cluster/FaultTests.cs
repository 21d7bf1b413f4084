using DeployCard.EndToEnd.Tests.Support.Cluster;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests.Cluster;

/// <summary>
/// Tests of three silos over PostgreSQL under constant load, in which components fail repeatedly. No acknowledged call may be lost, and
/// only requests that are in flight at the failed component may fail. <c>DEPLOYCARD_TEST_ROUNDS</c> sets the number of rounds, and
/// <c>DEPLOYCARD_TEST_TABLE</c> names a file for the results.
/// </summary>
public sealed class FaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_silo_fails_only_its_own_requests_in_flight()
    {
        await using var faults = await FaultRun.Start(await SiloCluster.Start(Cancellation));
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            await faults.WaitForLoad();
            var silo = faults.RandomSilo();
            faults.Calls.Mark(silo, down: true);
            var killed = SteadyClients.Now;
            await silo.Kill(Cancellation);
            // The pods of the silo end at the same time, so requests that other silos have sent to these pods may fail, too.
            faults.Clients.Excuse(null, killed, killed);
            await faults.WaitForRecovery(killed);
            await silo.Run(Cancellation);
            faults.Clients.Excuse(silo, killed, SteadyClients.Now);
            faults.Calls.Mark(silo, down: false);
        }

        await faults.Finish("a silo of three gets SIGKILL");
    }

    [Fact]
    public async Task Predictions_by_running_pods_continue_and_calls_are_rejected_while_PostgreSQL_is_unavailable()
    {
        await using var faults = await FaultRun.Start(await SiloCluster.Start(Cancellation));
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            await faults.WaitForLoad();
            faults.Calls.ExpectEither();
            var stoppedAt = SteadyClients.Now;
            await faults.Cluster.Database.Stop();
            faults.Calls.Expect("STORAGE_UNAVAILABLE");
            faults.Calls.Clients.AddSlots();
            await faults.Calls.Register.WaitForRejections(20, Cancellation);
            await faults.Clients.WaitForMore(500, Cancellation);
            while (TimeProvider.System.GetElapsedTime(stoppedAt) < FaultRun.MinOutage)
                await faults.Clients.WaitForMore(100, Cancellation);
            faults.Calls.ExpectEither();
            var restartedAt = SteadyClients.Now;
            await faults.Cluster.Database.Start();
            await faults.WaitForRecovery(restartedAt);
            faults.Calls.Expect(null);
            await faults.Calls.Clients.RemoveSlots();
        }

        await faults.Finish("PostgreSQL is stopped and started");
    }

    [Fact]
    public async Task Rolling_restart_of_the_silos_fails_no_request()
    {
        await using var faults = await FaultRun.Start(await SiloCluster.Start(Cancellation));
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            foreach (var silo in faults.Cluster.Silos)
            {
                await faults.WaitForLoad();
                // Stops new requests to the silo, as a load balancer does when the silo is not ready. Requests in flight must not be
                // aborted.
                faults.Calls.Mark(silo, down: true);
                faults.Clients.SetPaused(silo, isPaused: true);
                var asked = SteadyClients.Now;
                (await silo.Interrupt(Cancellation)).ShouldBe(0);
                await faults.WaitForRecovery(asked);
                await silo.Run(Cancellation);
                faults.Clients.SetPaused(silo, isPaused: false);
                faults.Calls.Mark(silo, down: false);
            }
        }

        await faults.Finish("a silo of three is restarted gracefully");
    }
}
