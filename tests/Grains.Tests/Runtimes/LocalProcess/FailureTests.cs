using DeployCard.Grains.Pods;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class FailureTests
{
    [Fact]
    public async Task A_pod_that_ends_is_failed_with_its_exit_code_and_its_last_lines()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script(
            "broken",
            "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; echo 'no model' >&2; exit 3"
        );
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        var failed = await host.UntilFailed(pod);

        failed.ExitCode.ShouldBe(3);
        failed.Reason.ShouldBe(PodReasons.Exited);
        failed.Message.ShouldNotBeNull().ShouldContain("exit code 3");
        failed.LastLines.Count.ShouldBe(20);
        failed.LastLines.ShouldContain("no model");
        failed.LastLines.ShouldContain("line 30");
    }

    [Fact]
    public async Task A_pod_that_a_signal_ended_says_which()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("broken", "kill -SEGV $$");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        var failed = await host.UntilFailed(pod);

        failed.ExitCode.ShouldBe(128 + 11);
        failed.Message.ShouldNotBeNull().ShouldContain("SIGSEGV");
    }

    [Fact]
    public async Task A_pod_that_crashes_again_and_again_waits_longer_each_time()
    {
        var clock = new FakeTimeProvider();
        await using var host = new LocalProcessHost(clock: clock).Script("broken", "echo start; exit 1");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        for (var (restarts, pause) = (0, 1.0); restarts < 8; restarts++, pause = Math.Min(60, pause * 2))
        {
            var failed = await host.Until(pod, seen => seen.Phase == PodPhase.Failed && seen.Restarts == restarts);
            var waits = failed.NextStartAt!.Value - clock.GetUtcNow();
            waits.TotalSeconds.ShouldBeInRange(pause * 0.8, pause);
            failed.Reason.ShouldBe(restarts == 0 ? PodReasons.Exited : PodReasons.CrashLoopBackOff);
            clock.Advance(waits);
        }

        await host.Stop(pod);
        (await host.Log(pod)).Count(line => line.Text == "start").ShouldBeGreaterThanOrEqualTo(8);
    }

    [Fact]
    public async Task A_pod_that_crashes_after_it_was_ready_starts_again_and_is_ready_again()
    {
        await using var host = new LocalProcessHost(options => options.InitialRestartBackoff = TimeSpan.FromMilliseconds(10)).Server(
            "web",
            before: "echo $$ >>pids"
        );
        var pod = await host.Start(LocalProcessHost.Pod("web"));
        await host.UntilReady(pod);
        var process = (await Processes.Read(host.PathOf("web", "pids"), 1))[0];

        System.Diagnostics.Process.GetProcessById(process).Kill();
        var again = await host.Until(pod, seen => seen.Phase == PodPhase.Ready && seen.Restarts == 1);

        again.ExitCode.ShouldBe(128 + 9);
        again.Reason.ShouldBeNull();
    }

    [Fact]
    public async Task A_pod_that_was_ready_for_long_begins_with_the_shortest_pause_again()
    {
        var clock = new FakeTimeProvider();
        await using var host = new LocalProcessHost(clock: clock).Server(
            "web",
            before: "echo $$ >>pids; if [ $(wc -l <pids) -le 2 ]; then exit 1; fi"
        );
        var pod = await host.Start(LocalProcessHost.Pod("web"));
        for (var restarts = 0; restarts < 2; restarts++)
        {
            var early = await host.Until(pod, seen => seen.Phase == PodPhase.Failed && seen.Restarts == restarts);
            clock.Advance(early.NextStartAt!.Value - clock.GetUtcNow());
        }

        await host.UntilReady(pod);
        clock.Advance(TimeSpan.FromSeconds(61));
        System.Diagnostics.Process.GetProcessById((await Processes.Read(host.PathOf("web", "pids"), 3))[2]).Kill();
        var failed = await host.Until(pod, seen => seen.Phase == PodPhase.Failed && seen.Restarts == 2);

        (failed.NextStartAt!.Value - clock.GetUtcNow()).TotalSeconds.ShouldBeInRange(0.8, 1);
        failed.Reason.ShouldBe(PodReasons.Exited);
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_in_time_is_killed_and_says_what_it_answered()
    {
        var clock = new FakeTimeProvider();
        await using var host = new LocalProcessHost(clock: clock).Server("web", before: "echo $$ >>pids", notReady: int.MaxValue);
        var pod = await host.Start(LocalProcessHost.Pod("web", startupSeconds: 120));
        var processes = await Processes.Read(host.PathOf("web", "pids"), 1);

        clock.Advance(TimeSpan.FromSeconds(121));
        var failed = await host.UntilFailed(pod);

        failed.Reason.ShouldBe(PodReasons.StartupTimeout);
        failed.Message.ShouldNotBeNull().ShouldContain("not ready within 120 s");
        await Processes.Ended(processes);
    }

    [Fact]
    public async Task What_a_pod_leaves_behind_is_killed_when_it_ends()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("broken", "sleep 1000 & echo $! >pids; exit 1");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        (await host.UntilFailed(pod)).ExitCode.ShouldBe(1);

        await Processes.Ended(await Processes.Read(host.PathOf("broken", "pids"), 1));
    }

    [Fact]
    public async Task A_process_that_left_the_group_and_holds_the_output_does_not_keep_the_pod()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script(
            "broken",
            """
            perl -e 'use POSIX; if (!fork) { POSIX::setsid(); open(F, ">pids"); print F "$$\n"; close F; sleep 1000 }'
            while [ ! -s pids ]; do sleep 0.01; done
            echo started
            exit 4
            """
        );
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        var failed = await host.UntilFailed(pod);

        failed.ExitCode.ShouldBe(4);
        failed.LastLines.ShouldContain("started");
        var escaped = (await Processes.Read(host.PathOf("broken", "pids"), 1))[0];
        System.Diagnostics.Process.GetProcessById(escaped).Kill();
    }

    [Fact]
    public async Task A_pod_of_an_unknown_image_is_failed_and_says_so()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider());
        var pod = await host.Start(LocalProcessHost.Pod("nowhere"));

        var failed = await host.UntilFailed(pod);

        failed.Reason.ShouldBe(PodReasons.ImageUnavailable);
        failed.Message.ShouldNotBeNull().ShouldContain("'nowhere'");
        failed.NextStartAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_pod_whose_program_is_not_there_is_failed_and_says_so()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Manifest("odd", """{"command": ["no-such-program"]}""");
        var pod = await host.Start(LocalProcessHost.Pod("odd"));

        var failed = await host.UntilFailed(pod);

        failed.ExitCode.ShouldBe(127);
        string.Join(' ', failed.LastLines).ShouldContain("no-such-program");
    }

    [Theory]
    [InlineData("1A")]
    [InlineData("A-B")]
    [InlineData("")]
    [InlineData("A=B")]
    public async Task A_variable_that_no_process_can_have_is_refused(string name)
    {
        await using var host = new LocalProcessHost();

        var refused = await Should.ThrowAsync<ArgumentException>(() =>
            host.Start(LocalProcessHost.Pod("any", environment: own => own[name] = "x"))
        );

        refused.Message.ShouldContain($"'{name}'");
    }
}
