using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Cluster;
using DeployCard.LocalProcess.Pods;
using static DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster.ScriptedSilos;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

public sealed class ClusterPodDirectoryTests : IAsyncDisposable
{
    private readonly ClusterPodDirectory board = new();
    private readonly IAsyncEnumerator<IReadOnlyList<PodObservation>> watch;

    public ClusterPodDirectoryTests() =>
        watch = board.Watch(Iris, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => watch.DisposeAsync();

    [Fact]
    public async Task Watch_yields_nothing_before_every_active_silo_has_reported()
    {
        var next = Next();
        Members(1, 2);
        board.ApplyReport(Silo(1), Report(1, Pod("a")));
        next.IsCompleted.ShouldBeFalse();

        board.ApplyReport(Silo(2), Report(1, Pod("b"), Pod("c", "other")));

        (await next).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Watch_does_not_wait_for_a_silo_that_dies_before_its_first_report()
    {
        var next = Next();
        Members(1, 2);
        board.ApplyReport(Silo(1), Report(1, Pod("a")));

        Members(1);

        (await next).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Joining_silo_delays_only_new_watchers()
    {
        Members(1);
        board.ApplyReport(Silo(1), Report(1, Pod("a")));
        (await Next()).ShouldBe(["a"]);

        Members(1, 2);
        await using var late = board
            .Watch(Iris, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var unknown = late.MoveNextAsync();
        (await Next()).ShouldBe(["a"]);

        unknown.IsCompleted.ShouldBeFalse();
        board.ApplyReport(Silo(2), Report(1));
        (await unknown).ShouldBeTrue();
    }

    [Fact]
    public async Task Unresponsive_silo_keeps_its_pods_and_a_dead_silo_does_not()
    {
        Members(1, 2);
        board.ApplyReport(Silo(1), Report(1, Pod("a")));
        board.ApplyReport(Silo(2), Report(1, Pod("b")));
        (await Next()).ShouldBe(["a", "b"]);

        board.MarkUnresponsive(Silo(2));
        board.ApplyReport(Silo(1), Report(2, Pod("a"), Pod("c")));
        (await Next()).ShouldBe(["a", "b", "c"]);

        Members(1).Single().CountPods().ShouldBe(1);
        (await Next()).ShouldBe(["a", "c"]);
        board.FindSilo(new("b")).ShouldBeNull();
    }

    [Fact]
    public async Task Outdated_report_changes_nothing()
    {
        Members(1);
        board.ApplyReport(Silo(1), Report(5, Pod("a")));
        board.ApplyReport(Silo(1), Report(4));
        board.ApplyReport(Silo(2), Report(9, Pod("stranger")));

        (await Next()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Watcher_is_notified_only_of_changes_of_its_deployment()
    {
        Members(1);
        board.ApplyReport(Silo(1), Report(1, Pod("a") with { LastLines = ["x"] }));
        (await Next()).ShouldBe(["a"]);
        var next = Next();

        board.ApplyReport(Silo(1), Report(2, Pod("a") with { LastLines = ["x"] }, Pod("b", "other")));
        next.IsCompleted.ShouldBeFalse();
        board.ApplyReport(Silo(1), Report(3, Pod("a") with { LastLines = ["y"] }));

        (await next).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Pods_of_a_draining_silo_are_marked_as_leaving()
    {
        Members(1);
        board.ApplyReport(Silo(1), Report(1, Pod("a")));
        await Next();
        watch.Current[0].IsLeaving.ShouldBeFalse();

        board.ApplyReport(Silo(1), Report(2, Pod("a")) with { IsDraining = true });

        await Next();
        watch.Current[0].IsLeaving.ShouldBeTrue();
        board.Hosts.Single().AcceptsPods.ShouldBeFalse();
    }

    private static SiloPods Report(long version, params PodObservation[] pods) => new(version, false, pods);

    private IReadOnlyList<PodHost> Members(params int[] silos) => board.SetMembers(silos.ToDictionary(Silo, _ => SiloStatus.Active));

    private async Task<List<string>> Next()
    {
        (await watch.MoveNextAsync()).ShouldBeTrue();
        return [.. watch.Current.Select(pod => pod.Name.Value)];
    }
}
