using System.Net;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests;

/// <summary>
/// Whatever goes down, at whatever moment: a call that got a 202 ends, once. <c>DEPLOYCARD_TEST_ROUNDS</c> gives other numbers of rounds, and
/// <c>DEPLOYCARD_TEST_TABLE</c> a file for the figures.
/// </summary>
public sealed class CrashTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_accepted_call_ends_once_while_the_silo_is_killed_again_and_again()
    {
        await using var run = await CrashRun.Start(failing: 20);
        var rounds = CrashRun.Rounds(normal: 3);
        for (var round = 0; round < rounds; round++)
        {
            await run.Register.MoreAcceptances(run.Random.Next(30, 130), Cancellation);
            // Either when a client has just been told, or when one waits to be.
            if (run.Random.Next(2) == 0)
                await run.Register.MoreRequests(1, Cancellation);
            await run.Silo.Kill(Cancellation);
            await run.Silo.Run(Cancellation);
        }

        var found = await run.End();

        await CrashTable.Add(found.Row("silo", rounds), Cancellation);
        found.ShouldHold();
        found.Calls.Count.ShouldBeGreaterThan(30 * rounds);
        (await run.Fill()).ShouldBeInRange(CrashRun.QueueLength, CrashRun.QueueLength + 10);
    }

    [Fact]
    public async Task While_storage_is_away_nothing_is_accepted_or_lost_and_no_answer_of_a_pod_is_asked_for_twice()
    {
        await using var run = await CrashRun.Start(failing: 0, "--Storage:BusyTimeout", "00:00:00.2");
        await run.Register.MoreAcceptances(1, Cancellation);
        using var synchronous = new SteadyRequests(
            () => run.Card.Send(HttpMethod.Get, CrashRun.At("/x"), run.Key, cancellationToken: Cancellation),
            clients: 1
        );
        var rounds = CrashRun.Rounds(normal: 3);
        var outages = new StorageOutages(run);
        for (var round = 0; round < rounds; round++)
        {
            await run.Register.MoreAcceptances(run.Random.Next(20, 80), Cancellation);
            await outages.Have(async () =>
            {
                run.Clients.Add();
                await outages.CancelIsRefused();
                await run.Register.MoreRefusals(run.Random.Next(15, 50), Cancellation);
                await synchronous.Reach(synchronous.Count + 20);
            });
            await run.Clients.TakeBack();
        }

        (await synchronous.End()).ShouldAllBe(status => status == HttpStatusCode.OK);
        var found = await run.End();

        await CrashTable.Add(found.Row("storage", rounds), Cancellation);
        TestContext.Current.TestOutputHelper!.WriteLine(outages.ToString());
        found.ShouldHold();
        found.Calls.ShouldAllBe(call => call.IsCompleted && call.Extra == 0 && call.Reached == 1);
        run.Register.Refusals.ShouldBeGreaterThanOrEqualTo(15 * rounds);
        await outages.NothingIsLeft(found);
        (await run.Fill()).ShouldBeInRange(CrashRun.QueueLength, CrashRun.QueueLength + 10);
    }

    [Fact]
    public async Task Every_accepted_call_ends_once_while_pods_are_killed_again_and_again()
    {
        await using var run = await CrashRun.Start(failing: 10);
        var rounds = CrashRun.Rounds(normal: 5);
        for (var round = 0; round < rounds; round++)
        {
            await run.Register.MoreAcceptances(run.Random.Next(10, 60), Cancellation);
            var pods = await Eventually.Get(() => Task.FromResult(run.PodProcesses()), pods => pods.Count > 0, Cancellation);
            await Signals.Send("KILL", pods[run.Random.Next(pods.Count)], Cancellation);
        }

        var found = await run.End();

        await CrashTable.Add(found.Row("pods", rounds), Cancellation);
        found.ShouldHold();
        found.Calls.Count.ShouldBeGreaterThan(10 * rounds);
        (await run.Fill()).ShouldBeInRange(CrashRun.QueueLength, CrashRun.QueueLength + 10);
    }
}
