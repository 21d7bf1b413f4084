using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Effect of the load on the number of pods, and the reason that the card shows.</summary>
public sealed class LoadTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Thousand_concurrent_first_requests_start_exactly_the_pods_they_need()
    {
        var name = NewName();
        await Create(name, "0-3", new() { Concurrency = 400 });

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => ReportWaiting(name, waiting: (i / 2) + 1, gateway: i % 2)));

        await Until(name, v => v.Pods.Count == 3);
        await Silos.AdvanceInSteps(Second * 5);
        Silos.Pods.Started(name).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Thousand_concurrent_first_requests_for_one_pod_start_it_once()
    {
        var name = NewName();
        await Create(name, "0-1");

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => ReportWaiting(name, waiting: i + 1, gateway: i % 2)));

        await Until(name, DeploymentStatus.Starting);
        await Silos.AdvanceInSteps(Second * 5);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Queued_calls_start_all_the_pods_they_need_concurrently()
    {
        var name = NewName();
        Silos.Caller.Hang(name);
        await Create(name, "0-3", new() { Concurrency = 1 });

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => AcceptCall(name)));

        // No pod becomes ready, so only the backlog can have started the second and the third pod.
        await Until(name, v => v.Pods.Count == 3, Second * 0.1);
        (await View(name)).Pods.ShouldAllBe(p => p.Phase == PodPhase.Starting);
        Silos.Caller.CallsOf(name).Count.ShouldBeLessThanOrEqualTo(1);
        (await View(name)).ScalingReason.ShouldContain("waiting");
    }

    [Fact]
    public async Task Pods_are_stopped_after_the_queue_is_empty()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-3", new() { Concurrency = 1, IdleTimeout = Second * 30 });
        var calls = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => AcceptCall(name)));
        foreach (var call in calls)
            (await UntilEnded(call, Second * 0.1)).Status.ShouldBe(CallStatus.Completed);

        await Until(name, DeploymentStatus.Idle, Second);
    }

    [Fact]
    public async Task Card_and_event_show_the_scaling_reason()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-3", new() { Concurrency = 2, IdleTimeout = Second * 30 });
        (await View(name)).ScalingReason.ShouldBe("0 pods: no requests");

        await ReportWaiting(name, waiting: 3);

        var view = await Until(name, v => v.DesiredPods == 2);
        view.ScalingReason.ShouldBe("2 pods: 3 waiting, target 2");
        view.ScalingDecidedAt.ShouldBe(Silos.Clock.GetUtcNow(), Second * 20);
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e =>
            e.Kind == EventKind.Scaled && e.Message == "2 pods: 3 waiting, target 2 (previously 0)."
        );
        await Until(name, v => v.ScalingReason == "0 pods: no requests for 30 s", Second);
        Value(await Silos.Deployment(name).Stop(Anna, Token)).ScalingReason.ShouldBe("0 pods: stopped");
        Value(await Silos.Deployment(name).Start(Anna, Token)).ScalingReason.ShouldBe("0 pods: no requests for 30 s");
    }

    [Fact]
    public async Task Constantly_changing_reason_is_published_every_few_seconds()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-3")).Pods[0].Name;
        var published = 0;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Count();

        for (var i = 0; i < 100; i++)
        {
            Silos.Clock.Advance(Second * 0.2);
            await ReportInFlight(name, 1 + (i % 7), [pod]);
            await Silos.Deployment(name).Reconcile();
        }

        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => watching);
        published.ShouldBeInRange(3, 9);

        async Task Count()
        {
            await foreach (var _ in Silos.Deployment(name).Watch(enough.Token))
                published++;
        }
    }
}
