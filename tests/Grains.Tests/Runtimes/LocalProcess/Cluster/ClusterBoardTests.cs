using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Cluster;
using static DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster.ScriptedSilos;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

public sealed class ClusterBoardTests : IAsyncDisposable
{
    private readonly ClusterBoard board = new();
    private readonly IAsyncEnumerator<IReadOnlyList<PodObservation>> watch;

    public ClusterBoardTests() =>
        watch = board.Watch(Iris, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => watch.DisposeAsync();

    [Fact]
    public async Task Nothing_is_known_before_every_active_silo_has_told_its_pods()
    {
        var next = Next();
        Members(1, 2);
        board.Take(Silo(1), Told(1, Pod("a")));
        next.IsCompleted.ShouldBeFalse();

        board.Take(Silo(2), Told(1, Pod("b"), Pod("c", "other")));

        (await next).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_silo_that_dies_unheard_is_waited_for_no_longer()
    {
        var next = Next();
        Members(1, 2);
        board.Take(Silo(1), Told(1, Pod("a")));

        Members(1);

        (await next).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_silo_that_joins_holds_up_only_those_who_begin_to_watch()
    {
        Members(1);
        board.Take(Silo(1), Told(1, Pod("a")));
        (await Next()).ShouldBe(["a"]);

        Members(1, 2);
        await using var late = board
            .Watch(Iris, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var unknown = late.MoveNextAsync();
        (await Next()).ShouldBe(["a"]);

        unknown.IsCompleted.ShouldBeFalse();
        board.Take(Silo(2), Told(1));
        (await unknown).ShouldBeTrue();
    }

    [Fact]
    public async Task A_silent_silo_keeps_its_pods_and_a_dead_one_does_not()
    {
        Members(1, 2);
        board.Take(Silo(1), Told(1, Pod("a")));
        board.Take(Silo(2), Told(1, Pod("b")));
        (await Next()).ShouldBe(["a", "b"]);

        board.SetSilent(Silo(2));
        board.Take(Silo(1), Told(2, Pod("a"), Pod("c")));
        (await Next()).ShouldBe(["a", "b", "c"]);

        Members(1).Single().Count().ShouldBe(1);
        (await Next()).ShouldBe(["a", "c"]);
        board.Find(new("b")).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_older_than_what_was_told_changes_nothing()
    {
        Members(1);
        board.Take(Silo(1), Told(5, Pod("a")));
        board.Take(Silo(1), Told(4));
        board.Take(Silo(2), Told(9, Pod("stranger")));

        (await Next()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Who_watches_is_told_only_what_concerns_its_deployment()
    {
        Members(1);
        board.Take(Silo(1), Told(1, Pod("a") with { LastLines = ["x"] }));
        (await Next()).ShouldBe(["a"]);
        var next = Next();

        board.Take(Silo(1), Told(2, Pod("a") with { LastLines = ["x"] }, Pod("b", "other")));
        next.IsCompleted.ShouldBeFalse();
        board.Take(Silo(1), Told(3, Pod("a") with { LastLines = ["y"] }));

        (await next).ShouldBe(["a"]);
    }

    [Fact]
    public async Task All_pods_of_a_silo_that_leaves_do()
    {
        Members(1);
        board.Take(Silo(1), Told(1, Pod("a")));
        await Next();
        watch.Current[0].IsLeaving.ShouldBeFalse();

        board.Take(Silo(1), Told(2, Pod("a")) with { IsLeaving = true });

        await Next();
        watch.Current[0].IsLeaving.ShouldBeTrue();
        board.Hosts.Single().IsOpen.ShouldBeFalse();
    }

    private static SiloPods Told(long version, params PodObservation[] pods) => new(version, false, pods);

    private IReadOnlyList<PodHost> Members(params int[] silos) => board.SetMembers(silos.ToDictionary(Silo, _ => SiloStatus.Active));

    private async Task<List<string>> Next()
    {
        (await watch.MoveNextAsync()).ShouldBeTrue();
        return [.. watch.Current.Select(pod => pod.Name.Value)];
    }
}
