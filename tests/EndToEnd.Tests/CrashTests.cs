using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Crash;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>
/// Faults at random moments: every call that was accepted with 202 ends exactly once. <c>DEPLOYCARD_TEST_ROUNDS</c> sets the number of
/// rounds, and <c>DEPLOYCARD_TEST_TABLE</c> a file for the table of results.
/// </summary>
public sealed class CrashTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_accepted_call_ends_once_while_the_silo_is_killed_repeatedly()
    {
        await using var run = await CrashRun.Start(failing: 20);
        var rounds = CrashRun.Rounds(normal: 3);
        for (var round = 0; round < rounds; round++)
        {
            await run.Register.WaitForAcceptances(run.Random.Next(30, 130), Cancellation);
            // Kill the silo either just after it accepted a call, or while a client waits for an acceptance.
            if (run.Random.Next(2) == 0)
                await run.Register.WaitForRequests(1, Cancellation);
            await run.Silo.Kill(Cancellation);
            await run.Silo.Run(Cancellation);
        }

        var found = await run.End();

        await CrashTable.Add(found.Row("silo", rounds), Cancellation);
        found.ShouldHold();
        found.Calls.Count.ShouldBeGreaterThan(30 * rounds);
        (await run.FillQueue()).ShouldBeInRange(CrashRun.QueueLength, CrashRun.QueueLength + 10);
    }

    [Fact]
    public async Task During_a_storage_outage_no_call_is_accepted_or_lost_and_no_request_reaches_a_pod_twice()
    {
        await using var run = await CrashRun.Start(failing: 0, "--Storage:BusyTimeout", "00:00:00.2");
        await run.Register.WaitForAcceptances(1, Cancellation);
        using var synchronous = new SteadyRequests(
            () => run.Card.Send(HttpMethod.Get, CrashRun.PathOf("/x"), run.Key, cancellationToken: Cancellation),
            clients: 1
        );
        var rounds = CrashRun.Rounds(normal: 3);
        var outages = new StorageOutages(run);
        for (var round = 0; round < rounds; round++)
        {
            await run.Register.WaitForAcceptances(run.Random.Next(20, 80), Cancellation);
            await outages.Run(async () =>
            {
                run.Clients.AddSlots();
                await outages.CancelShouldFail();
                await run.Register.WaitForRejections(run.Random.Next(15, 50), Cancellation);
                await synchronous.WaitForCount(synchronous.Count + 20);
            });
            await run.Clients.RemoveSlots();
        }

        (await synchronous.End()).ShouldAllBe(status => status == HttpStatusCode.OK);
        var found = await run.End();

        await CrashTable.Add(found.Row("storage", rounds), Cancellation);
        TestContext.Current.TestOutputHelper!.WriteLine(outages.ToString());
        found.ShouldHold();
        found.Calls.ShouldAllBe(call => call.IsCompleted && call.Extra == 0 && call.Reached == 1);
        run.Register.RejectionCount.ShouldBeGreaterThanOrEqualTo(15 * rounds);
        await outages.ShouldLeaveNothing(found);
        (await run.FillQueue()).ShouldBeInRange(CrashRun.QueueLength, CrashRun.QueueLength + 10);
    }

    [Fact]
    public async Task Every_accepted_call_ends_once_while_pods_are_killed_repeatedly()
    {
        await using var run = await CrashRun.Start(failing: 10);
        var rounds = CrashRun.Rounds(normal: 5);
        for (var round = 0; round < rounds; round++)
        {
            await run.Register.WaitForAcceptances(run.Random.Next(10, 60), Cancellation);
            var pods = await Eventually.Get(() => Task.FromResult(run.PodProcesses()), pods => pods.Count > 0, Cancellation);
            await Signals.Send("KILL", pods[run.Random.Next(pods.Count)], Cancellation);
        }

        var found = await run.End();

        await CrashTable.Add(found.Row("pods", rounds), Cancellation);
        found.ShouldHold();
        found.Calls.Count.ShouldBeGreaterThan(10 * rounds);
        (await run.FillQueue()).ShouldBeInRange(CrashRun.QueueLength, CrashRun.QueueLength + 10);
    }
}
