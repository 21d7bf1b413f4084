using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Hosting;
using DeployCard.LocalProcess.Pods;
using DeployCard.LocalProcess.Readiness;
using DeployCard.LocalProcess.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class DecisionTests
{
    private static readonly TimeSpan Reset = TimeSpan.FromSeconds(60);
    private static readonly RunResult Crash = new(RunOutcome.Exited, "The pod ended.", 1, [], TimeSpan.Zero);
    private static readonly RunResult PortConflict = new(RunOutcome.PortTaken, "The port was taken.", 1, [], TimeSpan.Zero);

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 0, 2)]
    [InlineData(6, 0, 32)]
    [InlineData(7, 0, 60)]
    [InlineData(100_000, 0, 60)]
    [InlineData(7, 1, 48)]
    public async Task Restart_backoff_doubles_with_each_failure_up_to_its_maximum(int failures, double jitter, double seconds)
    {
        await using var host = new LocalProcessHost();

        host.Service<LocalPodServices>().RestartBackoff.DelayAfter(failures, 1 - jitter).TotalSeconds.ShouldBe(seconds, 0.001);
    }

    [Fact]
    public void Failures_are_reset_only_after_a_pod_was_ready_for_the_reset_time()
    {
        var two = FailureStreak.None.AfterRun(Crash, Reset).AfterRun(Crash, Reset);

        two.Failures.ShouldBe(2);
        two.AfterRun(Crash with { ReadyDuration = TimeSpan.FromSeconds(59) }, Reset).Failures.ShouldBe(3);
        two.AfterRun(Crash with { ReadyDuration = TimeSpan.FromSeconds(60) }, Reset).Failures.ShouldBe(1);
    }

    [Fact]
    public void Port_conflicts_do_not_count_as_failures_until_there_are_too_many()
    {
        var count = FailureStreak.None;
        for (var i = 0; i < 5; i++)
        {
            count = count.AfterRun(PortConflict, Reset);
            count.IsRestartImmediate.ShouldBeTrue();
            count.Failures.ShouldBe(0);
        }

        count = count.AfterRun(PortConflict, Reset);
        count.IsRestartImmediate.ShouldBeFalse();
        count.Failures.ShouldBe(1);
        count.AfterRun(Crash, Reset).PortConflicts.ShouldBe(0);
    }

    [Theory]
    [InlineData(0, false, 2)]
    [InlineData(500, false, 10)]
    [InlineData(60_000, false, 25)]
    [InlineData(0, true, 2)]
    [InlineData(1000, true, 50)]
    [InlineData(60_000, true, 250)]
    public void Probe_delay_grows_with_time_and_is_longer_once_the_pod_listens(double since, bool isListening, double delay) =>
        ProbeDelays.DelayAfter(TimeSpan.FromMilliseconds(since), isListening).TotalMilliseconds.ShouldBe(delay);

    [Fact]
    public void Restarted_pod_keeps_the_exit_code_and_last_lines_of_its_previous_run()
    {
        var pod = PodTransitions.Create(LocalProcessHost.Pod("web"), DateTimeOffset.UnixEpoch);
        var end = Crash with { ExitCode = 3, LastLines = ["no model"] };

        var failed = pod.ToFailed(end, FailureStreak.None.AfterRun(end, Reset), DateTimeOffset.UnixEpoch.AddSeconds(1));
        var restarted = failed.ToRestarting();

        failed.Phase.ShouldBe(PodPhase.Failed);
        restarted.Phase.ShouldBe(PodPhase.Starting);
        restarted.Restarts.ShouldBe(1);
        restarted.ExitCode.ShouldBe(3);
        restarted.LastLines.ShouldBe(["no model"]);
        restarted.NextStartAt.ShouldBeNull();
        restarted.Reason.ShouldBeNull();
    }

    [Fact]
    public void Listener_on_the_loopback_address_takes_precedence_over_one_on_all_addresses()
    {
        string[] table =
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 11 1 0 100 0 0 10 0",
            "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 12 1 0 100 0 0 10 0",
            "   2: 0100007F:1F90 0100007F:ABCD 01 00000000:00000000 00:00000000 00000000  0 0 13 1 0 100 0 0 10 0",
            "   3: 0100007F:1F91 0100007F:1F90 0A 00000000:00000000 00:00000000 00000000  0 0 14 1 0 100 0 0 10 0",
            "   4: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 15 1 0 100 0 0 10 0",
            "   5: 0200007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 16 1 0 100 0 0 10 0",
        ];

        ListeningSockets.FindInodes(0x1F90, table).ShouldBe([12]);
        ListeningSockets.FindInodes(0x1F90, table.Where(line => !line.Contains(" 12 "))).ShouldBe([11]);
        ListeningSockets.FindInodes(0x1F92, table).ShouldBe([15]);
        ListeningSockets.FindInodes(0x1F93, table).ShouldBeEmpty();
    }

    [Fact]
    public void Ports_are_leased_once_and_are_in_use_while_a_socket_listens()
    {
        var ports = new FreePorts();
        var leases = Enumerable.Range(0, 200).Select(_ => ports.Reserve()).ToList();
        leases.Select(lease => lease.Number).ShouldBeUnique();
        leases.ForEach(lease => lease.Dispose());

        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        FreePorts.IsInUse(port).ShouldBeTrue();
        listener.Stop();
        FreePorts.IsInUse(port).ShouldBeFalse();
    }

    [Fact]
    public void Validation_reports_all_invalid_settings_together()
    {
        var errors = Errors(options =>
        {
            options.InitialRestartBackoff = TimeSpan.Zero;
            options.MaxRestartBackoff = TimeSpan.FromSeconds(-1);
            options.MaxLineBytes = 1;
            options.PassEnvironment.Add("A-B");
            options.Images["a/b"] = "somewhere";
        });

        errors.Count.ShouldBe(6);
        errors.ShouldContain("LocalProcess:InitialRestartBackoff must be 00:00:00.01 to 01:00:00; got 00:00:00.");
        errors.ShouldContain("LocalProcess:MaxRestartBackoff must be 00:00:00.01 to 1.00:00:00; got -00:00:01.");
        errors.ShouldContain("LocalProcess:MaxRestartBackoff must be at least InitialRestartBackoff, 00:00:00; got -00:00:01.");
        errors.ShouldContain("LocalProcess:MaxLineBytes must be 80 to 1048576; got 1.");
        Errors(_ => { }).ShouldBeEmpty();
    }

    private static IReadOnlyList<string> Errors(Action<LocalProcessOptions> configure)
    {
        using var services = new ServiceCollection().AddLocalProcessRuntime().Configure(configure).BuildServiceProvider();
        try
        {
            _ = services.GetRequiredService<IOptions<LocalProcessOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }
}
