using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess;
using DeployCard.Grains.Runtimes.LocalProcess.Cluster;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using static DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster.ScriptedSilos;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

/// <summary>The runtime of silo 1 while silo 2 does not answer.</summary>
public sealed class SilentSiloTests : IAsyncDisposable
{
    private readonly ScriptedSilos silos = new();
    private readonly FakeTimeProvider clock = new();
    private readonly ClusterBoard board = new();
    private readonly FakeLogger<SiloFollower> log = new();
    private readonly LocalProcessHost local = new();
    private readonly CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ClusteredRuntime runtime;
    private Task following = Task.CompletedTask;

    public SilentSiloTests() =>
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
    public async Task Its_pods_stay_and_the_log_has_one_line_when_it_falls_silent_and_one_when_it_is_back()
    {
        silos.At(2).Has(Pod("b"));
        await Follow();

        silos.At(2).IsAway = true;
        silos.At(2).Has(Pod("b"), Pod("c"));
        await Until(() => board.Hosts.Single(host => host.Silo.Equals(Silo(2))).IsSilent);
        for (var i = 0; i < 5; i++)
            clock.Advance(TimeSpan.FromSeconds(1));
        board.Find(new("b")).ShouldBe(Silo(2));
        board.Find(new("c")).ShouldBeNull();
        silos.At(2).IsAway = false;

        await Until(() => board.Find(new("c")) is not null);
        await Until(() => log.Collector.Count == 2);
        log.Collector.GetSnapshot().Select(line => line.Level).ShouldBe([LogLevel.Warning, LogLevel.Information]);
    }

    [Fact]
    public async Task A_pod_that_it_may_have_taken_goes_nowhere_else_and_the_next_one_does()
    {
        silos.At(1).Has(Pod("a"));
        await Follow();
        silos.At(2).IsSilent = true;

        var start = runtime.Start(Spec("x"), Token);
        await Until(start);

        await Should.ThrowAsync<TimeoutException>(start);
        silos.At(1).Started.ShouldBeEmpty();
        await runtime.Start(Spec("y"), Token);
        silos.At(1).Started.ShouldBe([new PodName("y")]);
    }

    [Fact]
    public async Task A_pod_that_cannot_reach_it_goes_elsewhere_at_once()
    {
        silos.At(1).Has(Pod("a"));
        await Follow();
        silos.At(2).IsAway = true;

        await runtime.Start(Spec("x"), Token);

        silos.At(1).Started.ShouldBe([new PodName("x")]);
        board.Find(new("x")).ShouldBe(Silo(1));
    }

    [Fact]
    public async Task A_pod_that_it_refuses_because_it_leaves_goes_elsewhere()
    {
        silos.At(1).Has(Pod("a"));
        await Follow();
        silos.At(2).IsLeaving = true;

        await runtime.Start(Spec("x"), Token);

        silos.At(1).Started.ShouldBe([new PodName("x")]);
    }

    [Fact]
    public async Task A_pod_of_it_that_is_to_end_is_waited_for_until_it_is_dead()
    {
        silos.At(2).Has(Pod("b"));
        await Follow();
        silos.At(2).IsAway = true;

        var stop = runtime.Stop(new("b"), TimeSpan.FromSeconds(1), Token);
        for (var i = 0; i < 100; i++)
            clock.Advance(TimeSpan.FromSeconds(1));
        stop.IsCompleted.ShouldBeFalse();
        board.SetMembers(new Dictionary<SiloAddress, SiloStatus> { [Silo(1)] = SiloStatus.Active });

        await Until(stop);
        (await stop).ShouldBeNull();
    }

    [Fact]
    public async Task Without_any_silo_that_takes_pods_a_start_says_so()
    {
        silos.At(1).IsLeaving = silos.At(2).IsLeaving = true;
        await Follow();

        (await Should.ThrowAsync<InvalidOperationException>(runtime.Start(Spec("x"), Token))).Message.ShouldContain("x");
    }

    private async Task Follow()
    {
        board.SetMembers(new Dictionary<SiloAddress, SiloStatus> { [Silo(1)] = SiloStatus.Active, [Silo(2)] = SiloStatus.Active });
        var follower = new SiloFollower(silos, board, clock, log);
        following = Task.WhenAll(follower.Follow(Silo(1), end.Token), follower.Follow(Silo(2), end.Token));
        await Until(() => !board.Hosts.Any(host => host.IsUnknown));
    }

    private Task Until(Task done) => Until(() => done.IsCompleted);

    private Task Until(Func<bool> seen) =>
        Processes.Until(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(0.1));
                return seen();
            },
            "what the test waits for"
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
