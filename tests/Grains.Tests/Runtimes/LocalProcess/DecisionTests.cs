using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess;
using DeployCard.Grains.Runtimes.LocalProcess.Readiness;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class DecisionTests
{
    private static readonly TimeSpan Reset = TimeSpan.FromSeconds(60);
    private static readonly RunEnd Crash = new(RunOutcome.Exited, "It ended.", 1, [], TimeSpan.Zero);
    private static readonly RunEnd PortLost = new(RunOutcome.PortTaken, "Its port was taken.", 1, [], TimeSpan.Zero);

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 0, 2)]
    [InlineData(6, 0, 32)]
    [InlineData(7, 0, 60)]
    [InlineData(100_000, 0, 60)]
    [InlineData(7, 1, 48)]
    public void The_pause_doubles_with_each_failure_up_to_its_limit(int failures, double jitter, double seconds) =>
        RestartPause.After(failures, jitter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)).TotalSeconds.ShouldBe(seconds, 0.001);

    [Fact]
    public void Failures_are_forgotten_after_a_long_readiness_only()
    {
        var two = RestartCount.None.After(Crash, Reset).After(Crash, Reset);

        two.Failures.ShouldBe(2);
        two.After(Crash with { Ready = TimeSpan.FromSeconds(59) }, Reset).Failures.ShouldBe(3);
        two.After(Crash with { Ready = TimeSpan.FromSeconds(60) }, Reset).Failures.ShouldBe(1);
    }

    [Fact]
    public void A_lost_port_is_no_failure_of_the_pod_until_it_happens_too_often()
    {
        var count = RestartCount.None;
        for (var i = 0; i < 5; i++)
        {
            count = count.After(PortLost, Reset);
            count.IsImmediate.ShouldBeTrue();
            count.Failures.ShouldBe(0);
        }

        count = count.After(PortLost, Reset);
        count.IsImmediate.ShouldBeFalse();
        count.Failures.ShouldBe(1);
        count.After(Crash, Reset).PortsLost.ShouldBe(0);
    }

    [Theory]
    [InlineData(0, false, 2)]
    [InlineData(500, false, 10)]
    [InlineData(60_000, false, 25)]
    [InlineData(0, true, 2)]
    [InlineData(1000, true, 50)]
    [InlineData(60_000, true, 250)]
    public void A_starting_pod_is_asked_often_and_less_often_once_it_answers(double since, bool heard, double pause) =>
        ReadinessPause.After(TimeSpan.FromMilliseconds(since), heard).TotalMilliseconds.ShouldBe(pause);

    [Fact]
    public void A_pod_that_starts_again_keeps_what_its_last_run_left()
    {
        var pod = PodLife.Begin(LocalProcessHost.Pod("web"), DateTimeOffset.UnixEpoch);
        var end = Crash with { ExitCode = 3, LastLines = ["no model"] };

        var failed = pod.Failed(end, RestartCount.None.After(end, Reset), DateTimeOffset.UnixEpoch.AddSeconds(1));
        var again = failed.StartingAgain();

        failed.Phase.ShouldBe(PodPhase.Failed);
        again.Phase.ShouldBe(PodPhase.Starting);
        again.Restarts.ShouldBe(1);
        again.ExitCode.ShouldBe(3);
        again.LastLines.ShouldBe(["no model"]);
        again.NextStartAt.ShouldBeNull();
        again.Reason.ShouldBeNull();
    }

    [Fact]
    public void The_listener_of_the_very_address_comes_before_that_of_all_addresses()
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

        Listeners.On(0x1F90, table).ShouldBe([12]);
        Listeners.On(0x1F90, table.Where(line => !line.Contains(" 12 "))).ShouldBe([11]);
        Listeners.On(0x1F92, table).ShouldBe([15]);
        Listeners.On(0x1F93, table).ShouldBeEmpty();
    }

    [Fact]
    public void A_port_is_lent_once_and_taken_while_somebody_listens()
    {
        var ports = new FreePorts();
        var leases = Enumerable.Range(0, 200).Select(_ => ports.Take()).ToList();
        leases.Select(lease => lease.Number).ShouldBeUnique();
        leases.ForEach(lease => lease.Dispose());

        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        FreePorts.IsTaken(port).ShouldBeTrue();
        listener.Stop();
        FreePorts.IsTaken(port).ShouldBeFalse();
    }

    [Fact]
    public void All_wrong_settings_are_told_at_once()
    {
        var options = new LocalProcessOptions { InitialRestartBackoff = TimeSpan.Zero, MaxLineBytes = 1 };
        options.PassEnvironment.Add("A-B");
        options.Images["a/b"] = "somewhere";

        var errors = new LocalProcessOptionsValidator().Validate(null, options).Failures!.ToList();

        errors.Count.ShouldBe(4);
        errors.ShouldContain(error => error.StartsWith("LocalProcess:MaxLineBytes is 1; it must be 80 to "));
        new LocalProcessOptionsValidator().Validate(null, new()).Succeeded.ShouldBeTrue();
    }
}
