using DeployCard.Contracts.Pods;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class StopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pod_that_handles_SIGTERM_is_stopped_with_its_own_exit_code()
    {
        await using var host = new LocalProcessHost().Script("slow", "trap 'exit 7' TERM\necho $$ >pid\nwhile :; do sleep 0.05; done");
        var pod = await host.Start(LocalProcessHost.Pod("slow"));
        await Processes.ReadIds(host.PathOf("slow", "pid"), 1);

        var ended = await host.Stop(pod);

        ended.ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        ended!.ExitCode.ShouldBe(7);
        ended.Reason.ShouldBe(PodReasons.Stopped);
    }

    [Fact]
    public async Task Pod_that_ignores_SIGTERM_is_killed_with_its_grandchildren_after_the_grace_period()
    {
        await using var host = new LocalProcessHost().Script(
            "stubborn",
            "trap '' TERM\n(sleep 1000 & echo $! >>pids; wait) &\necho $! >>pids\necho $$ >>pids\nwhile :; do sleep 1; done"
        );
        var pod = await host.Start(LocalProcessHost.Pod("stubborn"));
        var processes = await Processes.ReadIds(host.PathOf("stubborn", "pids"), 3);

        var ended = await host.Stop(pod, graceSeconds: 0.3);

        ended!.ExitCode.ShouldBe(128 + 9);
        ended.Reason.ShouldBe(PodReasons.Killed);
        await Processes.WaitForEnd(processes);
    }

    [Fact]
    public async Task Child_of_a_shell_that_exits_immediately_can_finish_within_the_grace_period()
    {
        await using var host = new LocalProcessHost().Script(
            "wrapper",
            "sh -c 'trap \"sleep 0.5; echo finished; exit 0\" TERM; echo $$ >pid; while :; do sleep 0.05; done'\necho not reached"
        );
        var pod = await host.Start(LocalProcessHost.Pod("wrapper"));
        await Processes.ReadIds(host.PathOf("wrapper", "pid"), 1);

        var ended = await host.Stop(pod);

        ended!.Reason.ShouldBe(PodReasons.Stopped);
        (await host.Log(pod)).ShouldContain(line => line.Text == "finished");
    }

    [Fact]
    public async Task Pod_can_be_stopped_during_its_restart_backoff()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("broken", "exit 3");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));
        await host.UntilFailed(pod);

        var ended = await host.Stop(pod);

        ended!.Phase.ShouldBe(PodPhase.Ended);
        ended.ExitCode.ShouldBe(3);
        ended.Reason.ShouldBe(PodReasons.Stopped);
    }

    [Fact]
    public async Task Pod_can_be_stopped_while_it_starts()
    {
        await using var host = new LocalProcessHost().Script("slow", "sleep 1000");
        for (var i = 0; i < 20; i++)
        {
            var pod = await host.Start(LocalProcessHost.Pod("slow", $"iris-1-{i:00000}"));
            (await host.Stop(pod))!.Phase.ShouldBe(PodPhase.Ended);
        }
    }

    [Fact]
    public async Task Concurrent_and_later_stops_return_the_same_observation()
    {
        await using var host = new LocalProcessHost().Script("slow", "sleep 1000");
        var pod = await host.Start(LocalProcessHost.Pod("slow"));

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => host.Stop(pod), Token)));

        all.ShouldAllBe(ended => ended == all[0]);
        (await host.Stop(pod)).ShouldBe(all[0]);
    }

    [Fact]
    public async Task Stop_of_an_unknown_pod_returns_null()
    {
        await using var host = new LocalProcessHost();

        (await host.Stop(LocalProcessHost.Pod("none"))).ShouldBeNull();
    }

    [Fact]
    public async Task Later_stop_can_shorten_the_grace_period()
    {
        await using var host = new LocalProcessHost().Script("stubborn", "trap '' TERM\necho $$ >pid\nwhile :; do sleep 1; done");
        var pod = await host.Start(LocalProcessHost.Pod("stubborn"));
        await Processes.ReadIds(host.PathOf("stubborn", "pid"), 1);

        var patient = host.Stop(pod, graceSeconds: 3600);
        var hasty = host.Stop(pod, graceSeconds: 0);

        (await patient)!.Reason.ShouldBe(PodReasons.Killed);
        (await hasty)!.Reason.ShouldBe(PodReasons.Killed);
    }

    [Fact]
    public async Task StopAll_stops_pods_concurrently_and_rejects_new_ones()
    {
        await using var host = new LocalProcessHost().Script("stubborn", "trap '' TERM\nwhile :; do sleep 1; done");
        var pods = Enumerable.Range(0, 5).Select(i => LocalProcessHost.Pod("stubborn", $"iris-1-{i:00000}")).ToList();
        foreach (var pod in pods)
            await host.Start(pod);

        await host.Pods.StopAll(TimeSpan.FromMilliseconds(300), Token);

        (await Task.WhenAll(pods.Select(pod => host.Stop(pod)))).ShouldAllBe(ended => ended == null || ended.Phase == PodPhase.Ended);
        await Should.ThrowAsync<InvalidOperationException>(() => host.Start(LocalProcessHost.Pod("stubborn", "iris-1-later")));
    }
}
