using DeployCard.Contracts.Names;
using DeployCard.LocalProcess.Cluster;
using DeployCard.LocalProcess.Pods;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using static DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster.ScriptedSilos;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

/// <summary>Tests the runtime of silo 1 while silo 2 is unresponsive.</summary>
public sealed class UnresponsiveSiloTests : IAsyncDisposable
{
    private readonly ScriptedSilos silos = new();
    private readonly FakeTimeProvider clock = new();
    private readonly ClusterPodDirectory board = new();
    private readonly FakeLogger<SiloPodsPoller> log = new();
    private readonly LocalProcessHost local = new();
    private readonly CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ClusteredRuntime runtime;
    private Task following = Task.CompletedTask;

    public UnresponsiveSiloTests() =>
        runtime = new(local.Service<LocalProcessRuntime>(), board, silos, new Self(), clock, new FakeLogger<ClusteredRuntime>());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await following;
        end.Dispose();
        await local.DisposeAsync();
    }

    [Fact]
    public async Task Unreachable_silo_keeps_its_pods_and_is_logged_once_with_its_recovery()
    {
        silos.At(2).SetPods(Pod("b"));
        await Follow();

        silos.At(2).IsUnreachable = true;
        silos.At(2).SetPods(Pod("b"), Pod("c"));
        await Until(() => board.Hosts.Single(host => host.Silo.Equals(Silo(2))).IsUnresponsive);
        for (var i = 0; i < 5; i++)
            clock.Advance(TimeSpan.FromSeconds(1));
        board.FindSilo(new("b")).ShouldBe(Silo(2));
        board.FindSilo(new("c")).ShouldBeNull();
        silos.At(2).IsUnreachable = false;

        await Until(() => board.FindSilo(new("c")) is not null);
        await Until(() => log.Collector.Count == 2);
        log.Collector.GetSnapshot().Select(line => line.Level).ShouldBe([LogLevel.Warning, LogLevel.Information]);
    }

    [Fact]
    public async Task Pod_with_an_unconfirmed_start_is_not_started_elsewhere_but_the_next_pod_is()
    {
        silos.At(1).SetPods(Pod("a"));
        await Follow();
        silos.At(2).IsUnresponsive = true;

        var start = runtime.Start(Spec("x"), Token);
        await Until(start);

        await Should.ThrowAsync<TimeoutException>(start);
        silos.At(1).Started.ShouldBeEmpty();
        await runtime.Start(Spec("y"), Token);
        silos.At(1).Started.ShouldBe([new PodName("y")]);
    }

    [Fact]
    public async Task Pod_starts_on_another_silo_immediately_if_a_silo_is_unreachable()
    {
        silos.At(1).SetPods(Pod("a"));
        await Follow();
        silos.At(2).IsUnreachable = true;

        await runtime.Start(Spec("x"), Token);

        silos.At(1).Started.ShouldBe([new PodName("x")]);
        board.FindSilo(new("x")).ShouldBe(Silo(1));
    }

    [Fact]
    public async Task Pod_starts_on_another_silo_if_a_draining_silo_rejects_it()
    {
        silos.At(1).SetPods(Pod("a"));
        await Follow();
        silos.At(2).IsDraining = true;

        await runtime.Start(Spec("x"), Token);

        silos.At(1).Started.ShouldBe([new PodName("x")]);
    }

    [Fact]
    public async Task Stop_waits_for_an_unreachable_silo_until_it_is_dead()
    {
        silos.At(2).SetPods(Pod("b"));
        await Follow();
        silos.At(2).IsUnreachable = true;

        var stop = runtime.Stop(new("b"), TimeSpan.FromSeconds(1), Token);
        for (var i = 0; i < 100; i++)
            clock.Advance(TimeSpan.FromSeconds(1));
        stop.IsCompleted.ShouldBeFalse();
        board.SetMembers(new Dictionary<SiloAddress, SiloStatus> { [Silo(1)] = SiloStatus.Active });

        await Until(stop);
        (await stop).ShouldBeNull();
    }

    [Fact]
    public async Task Start_throws_if_no_silo_accepts_pods()
    {
        silos.At(1).IsDraining = silos.At(2).IsDraining = true;
        await Follow();

        (await Should.ThrowAsync<InvalidOperationException>(runtime.Start(Spec("x"), Token))).Message.ShouldContain("x");
    }

    private async Task Follow()
    {
        board.SetMembers(new Dictionary<SiloAddress, SiloStatus> { [Silo(1)] = SiloStatus.Active, [Silo(2)] = SiloStatus.Active });
        var follower = new SiloPodsPoller(silos, board, clock, log);
        following = Task.WhenAll(follower.Poll(Silo(1), end.Token), follower.Poll(Silo(2), end.Token));
        await Until(() => !board.Hosts.Any(host => host.IsReportPending));
    }

    private Task Until(Task done) => Until(() => done.IsCompleted);

    private Task Until(Func<bool> seen) =>
        Processes.WaitUntil(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(0.1));
                return seen();
            },
            "the expected condition"
        );

    private sealed class Self : ILocalSiloDetails
    {
        public string Name => "one";

        public string ClusterId => "test";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Silo(1);

        public SiloAddress GatewayAddress => Silo(1);
    }
}
