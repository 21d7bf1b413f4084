using DeployCard.Grains.Pods;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class StopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_that_obeys_is_stopped_with_its_own_exit_code()
    {
        await using var host = new LocalProcessHost().Script("slow", "trap 'exit 7' TERM\necho $$ >pid\nwhile :; do sleep 0.05; done");
        var pod = await host.Start(LocalProcessHost.Pod("slow"));
        await Processes.Read(host.PathOf("slow", "pid"), 1);

        var gone = await host.Stop(pod);

        gone.ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        gone!.ExitCode.ShouldBe(7);
        gone.Reason.ShouldBe(PodReasons.Stopped);
    }

    [Fact]
    public async Task A_pod_that_does_not_obey_is_killed_with_its_grandchildren_after_its_grace()
    {
        await using var host = new LocalProcessHost().Script(
            "stubborn",
            "trap '' TERM\n(sleep 1000 & echo $! >>pids; wait) &\necho $! >>pids\necho $$ >>pids\nwhile :; do sleep 1; done"
        );
        var pod = await host.Start(LocalProcessHost.Pod("stubborn"));
        var processes = await Processes.Read(host.PathOf("stubborn", "pids"), 3);

        var gone = await host.Stop(pod, graceSeconds: 0.3);

        gone!.ExitCode.ShouldBe(128 + 9);
        gone.Reason.ShouldBe(PodReasons.Killed);
        await Processes.Ended(processes);
    }

    [Fact]
    public async Task A_shell_that_ends_at_once_leaves_its_child_the_grace_to_finish()
    {
        await using var host = new LocalProcessHost().Script(
            "wrapper",
            "sh -c 'trap \"sleep 0.5; echo finished; exit 0\" TERM; echo $$ >pid; while :; do sleep 0.05; done'\necho not reached"
        );
        var pod = await host.Start(LocalProcessHost.Pod("wrapper"));
        await Processes.Read(host.PathOf("wrapper", "pid"), 1);

        var gone = await host.Stop(pod);

        gone!.Reason.ShouldBe(PodReasons.Stopped);
        (await host.Log(pod)).ShouldContain(line => line.Text == "finished");
    }

    [Fact]
    public async Task A_pod_can_be_stopped_in_its_pause()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("broken", "exit 3");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));
        await host.UntilFailed(pod);

        var gone = await host.Stop(pod);

        gone!.Phase.ShouldBe(PodPhase.Ended);
        gone.ExitCode.ShouldBe(3);
        gone.Reason.ShouldBe(PodReasons.Stopped);
    }

    [Fact]
    public async Task A_pod_can_be_stopped_in_the_moment_of_its_start()
    {
        await using var host = new LocalProcessHost().Script("slow", "sleep 1000");
        for (var i = 0; i < 20; i++)
        {
            var pod = await host.Start(LocalProcessHost.Pod("slow", $"iris-1-{i:00000}"));
            (await host.Stop(pod))!.Phase.ShouldBe(PodPhase.Ended);
        }
    }

    [Fact]
    public async Task Stops_at_the_same_time_and_afterwards_give_the_same_answer()
    {
        await using var host = new LocalProcessHost().Script("slow", "sleep 1000");
        var pod = await host.Start(LocalProcessHost.Pod("slow"));

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => host.Stop(pod), Token)));

        all.ShouldAllBe(gone => gone == all[0]);
        (await host.Stop(pod)).ShouldBe(all[0]);
    }

    [Fact]
    public async Task An_unknown_pod_cannot_be_stopped()
    {
        await using var host = new LocalProcessHost();

        (await host.Stop(LocalProcessHost.Pod("none"))).ShouldBeNull();
    }

    [Fact]
    public async Task A_later_stop_can_shorten_the_grace()
    {
        await using var host = new LocalProcessHost().Script("stubborn", "trap '' TERM\necho $$ >pid\nwhile :; do sleep 1; done");
        var pod = await host.Start(LocalProcessHost.Pod("stubborn"));
        await Processes.Read(host.PathOf("stubborn", "pid"), 1);

        var patient = host.Stop(pod, graceSeconds: 3600);
        var hasty = host.Stop(pod, graceSeconds: 0);

        (await patient)!.Reason.ShouldBe(PodReasons.Killed);
        (await hasty)!.Reason.ShouldBe(PodReasons.Killed);
    }

    [Fact]
    public async Task The_end_of_all_pods_takes_as_long_as_that_of_the_slowest()
    {
        await using var host = new LocalProcessHost().Script("stubborn", "trap '' TERM\nwhile :; do sleep 1; done");
        var pods = Enumerable.Range(0, 5).Select(i => LocalProcessHost.Pod("stubborn", $"iris-1-{i:00000}")).ToList();
        foreach (var pod in pods)
            await host.Start(pod);

        await host.Pods.StopAll(TimeSpan.FromMilliseconds(300), Token);

        (await Task.WhenAll(pods.Select(pod => host.Stop(pod)))).ShouldAllBe(gone => gone == null || gone.Phase == PodPhase.Ended);
        await Should.ThrowAsync<InvalidOperationException>(() => host.Start(LocalProcessHost.Pod("stubborn", "iris-1-later")));
    }
}
