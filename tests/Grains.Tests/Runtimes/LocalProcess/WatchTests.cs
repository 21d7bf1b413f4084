using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Pods;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class WatchTests
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watcher_sees_the_current_pods_immediately_and_then_only_the_newest_snapshot()
    {
        var board = new PodRegistry();
        await using var watch = board.Watch(Iris, Token).GetAsyncEnumerator(Token);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.ShouldBeEmpty();

        var pod = PodTransitions.Create(LocalProcessHost.Pod("web"), DateTimeOffset.UnixEpoch);
        board.Set(pod);
        board.Set(pod.ToReady(new("http://127.0.0.1:1/"), PodProtocol.Http1, DateTimeOffset.UnixEpoch));
        board.Set(pod with { Deployment = DeploymentName.Parse("other"), Name = new("other-1-aaaaa") });

        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ready);
        board.Remove(pod.Name);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.ShouldBeEmpty();
    }

    [Fact]
    public async Task Ended_pod_is_visible_for_the_retention_time_and_then_removed()
    {
        await using var host = new LocalProcessHost(options => options.EndedPodRetention = TimeSpan.FromMilliseconds(200)).Script(
            "slow",
            "sleep 1000"
        );
        var pod = await host.Start(LocalProcessHost.Pod("slow"));
        await using var watch = host.Runtime.Watch(Iris, Token).GetAsyncEnumerator(Token);
        var phases = new List<PodPhase>();
        var stopping = host.Stop(pod);

        while (await watch.MoveNextAsync() && watch.Current.Count > 0)
            phases.Add(watch.Current[0].Phase);

        phases[^1].ShouldBe(PodPhase.Ended);
        (await stopping).ShouldNotBeNull();
        (await host.Stop(pod)).ShouldBeNull();
    }

    [Fact]
    public async Task Start_with_an_existing_name_does_nothing()
    {
        await using var host = new LocalProcessHost().Script("slow", "echo $$ >>pids; sleep 1000");
        var pod = LocalProcessHost.Pod("slow");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.Start(pod)));
        await Processes.ReadIds(host.PathOf("slow", "pids"), 1);

        await host.Stop(pod);

        (await File.ReadAllLinesAsync(host.PathOf("slow", "pids"), Token)).Length.ShouldBe(1);
    }
}
