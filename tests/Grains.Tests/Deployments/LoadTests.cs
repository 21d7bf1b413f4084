using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>What load makes of the number of pods, and what the card says about it.</summary>
public sealed class LoadTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_thousand_first_requests_at_once_start_as_many_pods_as_they_want_and_no_more()
    {
        var name = NewName();
        await Create(name, "0-3", new() { Concurrency = 400 });

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Wait(name, waiting: (i / 2) + 1, gateway: i % 2)));

        await Until(name, v => v.Pods.Count == 3);
        await Silos.Pass(Second * 5);
        Silos.Pods.Started(name).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_thousand_first_requests_for_one_pod_are_one_start()
    {
        var name = NewName();
        await Create(name, "0-1");

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Wait(name, waiting: i + 1, gateway: i % 2)));

        await Until(name, DeploymentStatus.Starting);
        await Silos.Pass(Second * 5);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Queued_calls_bring_all_the_pods_that_they_want_and_not_one_after_the_other()
    {
        var name = NewName();
        Silos.Caller.Hang(name);
        await Create(name, "0-3", new() { Concurrency = 1 });

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Accept(name)));

        // None of them becomes ready: only the backlog can have called for the second and the third.
        await Until(name, v => v.Pods.Count == 3, Second * 0.1);
        (await View(name)).Pods.ShouldAllBe(p => p.Phase == PodPhase.Starting);
        Silos.Caller.CallsOf(name).Count.ShouldBeLessThanOrEqualTo(1);
        (await View(name)).ScalingReason.ShouldContain("waiting");
    }

    [Fact]
    public async Task When_the_queue_is_empty_its_pods_go()
    {
        var name = NewName();
        Silos.Pods.ReadyAtOnce(name);
        await Create(name, "0-3", new() { Concurrency = 1, IdleTimeout = Second * 30 });
        var calls = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Accept(name)));
        foreach (var call in calls)
            (await UntilEnded(call, Second * 0.1)).Status.ShouldBe(CallStatus.Completed);

        await Until(name, DeploymentStatus.Idle, Second);
    }

    [Fact]
    public async Task The_card_and_the_event_say_why()
    {
        var name = NewName();
        Silos.Pods.ReadyAtOnce(name);
        await Create(name, "0-3", new() { Concurrency = 2, IdleTimeout = Second * 30 });
        (await View(name)).ScalingReason.ShouldBe("0 pods: no request");

        await Wait(name, waiting: 3);

        var view = await Until(name, v => v.DesiredPods == 2);
        view.ScalingReason.ShouldBe("2 pods: 3 waiting, target 2");
        view.ScalingDecidedAt.ShouldBe(Silos.Clock.GetUtcNow(), Second * 20);
        (await Silos.Deployment(name).Events()).ShouldContain(e =>
            e.Kind == EventKind.Scaled && e.Message == "2 pods: 3 waiting, target 2 (before: 0)."
        );
        await Until(name, v => v.ScalingReason == "0 pods: no request for 30 s", Second);
        Value(await Silos.Deployment(name).Stop(Anna, Token)).ScalingReason.ShouldBe("0 pods: stopped");
        Value(await Silos.Deployment(name).Start(Anna, Token)).ScalingReason.ShouldBe("0 pods: no request for 30 s");
    }

    [Fact]
    public async Task A_reason_that_changes_all_the_time_is_told_every_few_seconds()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-3")).Pods[0].Name;
        var told = 0;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Count();

        for (var i = 0; i < 100; i++)
        {
            Silos.Clock.Advance(Second * 0.2);
            await Report(name, 1 + (i % 7), [pod]);
            await Silos.Deployment(name).Reconcile();
        }

        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => watching);
        told.ShouldBeInRange(3, 9);

        async Task Count()
        {
            await foreach (var _ in Silos.Deployment(name).Watch(enough.Token))
                told++;
        }
    }
}
