using DeployCard.Contracts.Pods;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class FailureTests
{
    [Fact]
    public async Task Exited_pod_is_failed_with_its_exit_code_and_last_lines()
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
    public async Task Message_of_a_pod_killed_by_a_signal_names_the_signal()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("broken", "kill -SEGV $$");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        var failed = await host.UntilFailed(pod);

        failed.ExitCode.ShouldBe(128 + 11);
        failed.Message.ShouldNotBeNull().ShouldContain("SIGSEGV");
    }

    [Fact]
    public async Task Restart_backoff_of_a_crash_looping_pod_grows()
    {
        var clock = new FakeTimeProvider();
        await using var host = new LocalProcessHost(clock: clock).Script("broken", "echo start; exit 1");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        for (var (restarts, backoff) = (0, 1.0); restarts < 8; restarts++, backoff = Math.Min(60, backoff * 2))
        {
            var failed = await host.Until(pod, seen => seen.Phase == PodPhase.Failed && seen.Restarts == restarts);
            var waits = failed.NextStartAt!.Value - clock.GetUtcNow();
            waits.TotalSeconds.ShouldBeInRange(backoff * 0.8, backoff);
            failed.Reason.ShouldBe(restarts == 0 ? PodReasons.Exited : PodReasons.CrashLoopBackOff);
            clock.Advance(waits);
        }

        await host.Stop(pod);
        (await host.Log(pod)).Count(line => line.Text == "start").ShouldBeGreaterThanOrEqualTo(8);
    }

    [Fact]
    public async Task Pod_that_crashes_after_it_was_ready_restarts_and_becomes_ready()
    {
        await using var host = new LocalProcessHost(options => options.InitialRestartBackoff = TimeSpan.FromMilliseconds(10)).Server(
            "web",
            before: "echo $$ >>pids"
        );
        var pod = await host.Start(LocalProcessHost.Pod("web"));
        await host.UntilReady(pod);
        var process = (await Processes.ReadIds(host.PathOf("web", "pids"), 1))[0];

        System.Diagnostics.Process.GetProcessById(process).Kill();
        var restarted = await host.Until(pod, seen => seen.Phase == PodPhase.Ready && seen.Restarts == 1);

        restarted.ExitCode.ShouldBe(128 + 9);
        restarted.Reason.ShouldBeNull();
    }

    [Fact]
    public async Task Restart_backoff_is_reset_after_a_pod_was_ready_for_long()
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
        System.Diagnostics.Process.GetProcessById((await Processes.ReadIds(host.PathOf("web", "pids"), 3))[2]).Kill();
        var failed = await host.Until(pod, seen => seen.Phase == PodPhase.Failed && seen.Restarts == 2);

        (failed.NextStartAt!.Value - clock.GetUtcNow()).TotalSeconds.ShouldBeInRange(0.8, 1);
        failed.Reason.ShouldBe(PodReasons.Exited);
    }

    [Fact]
    public async Task Pod_that_exceeds_the_startup_timeout_is_killed_with_a_message()
    {
        var clock = new FakeTimeProvider();
        await using var host = new LocalProcessHost(clock: clock).Server("web", before: "echo $$ >>pids", notReady: int.MaxValue);
        var pod = await host.Start(LocalProcessHost.Pod("web", startupSeconds: 120));
        var processes = await Processes.ReadIds(host.PathOf("web", "pids"), 1);

        clock.Advance(TimeSpan.FromSeconds(121));
        var failed = await host.UntilFailed(pod);

        failed.Reason.ShouldBe(PodReasons.StartupTimeout);
        failed.Message.ShouldNotBeNull().ShouldContain("not become ready within 120 s");
        await Processes.WaitForEnd(processes);
    }

    [Fact]
    public async Task Remaining_processes_are_killed_when_the_pod_ends()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("broken", "sleep 1000 & echo $! >pids; exit 1");
        var pod = await host.Start(LocalProcessHost.Pod("broken"));

        (await host.UntilFailed(pod)).ExitCode.ShouldBe(1);

        await Processes.WaitForEnd(await Processes.ReadIds(host.PathOf("broken", "pids"), 1));
    }

    [Fact]
    public async Task Process_that_left_the_group_and_holds_the_output_does_not_block_the_pod()
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
        var escaped = (await Processes.ReadIds(host.PathOf("broken", "pids"), 1))[0];
        System.Diagnostics.Process.GetProcessById(escaped).Kill();
    }

    [Fact]
    public async Task Pod_with_an_unknown_image_is_failed_with_a_message()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider());
        var pod = await host.Start(LocalProcessHost.Pod("nowhere"));

        var failed = await host.UntilFailed(pod);

        failed.Reason.ShouldBe(PodReasons.ImageUnavailable);
        failed.Message.ShouldNotBeNull().ShouldContain("'nowhere'");
        failed.NextStartAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Pod_with_a_missing_program_is_failed_with_its_name()
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
    public async Task Invalid_variable_name_is_rejected(string name)
    {
        await using var host = new LocalProcessHost();

        var error = await Should.ThrowAsync<ArgumentException>(() =>
            host.Start(LocalProcessHost.Pod("any", environment: own => own[name] = "x"))
        );

        error.Message.ShouldContain($"'{name}'");
    }
}
