using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class StatusTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task It_is_pending_until_the_runtime_has_told_which_pods_there_are()
    {
        var name = NewName();
        Silos.Pods.Hide(name);

        (await Create(name, "1-1")).Status.ShouldBe(DeploymentStatus.Pending);
        await Silos.Pass(Second * 10);

        (await View(name)).Status.ShouldBe(DeploymentStatus.Pending);
        Silos.Pods.Started(name).ShouldBeEmpty();
        Silos.Pods.Hide(name, isHidden: false);
        await Until(name, DeploymentStatus.Starting);
    }

    [Fact]
    public async Task It_is_starting_while_its_first_pod_comes_up_and_ready_once_that_is()
    {
        var name = NewName();
        await Create(name, "1-1");

        await Until(name, DeploymentStatus.Starting);
        Silos.Pods.Ready(Silos.Pods.Running(name).ShouldHaveSingleItem().Name);
        var ready = await Until(name, DeploymentStatus.Ready);

        ready.Pods.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ready);
        Route(name).Pods.ShouldHaveSingleItem().Address.ShouldBe(ready.Pods[0].Address);
    }

    [Fact]
    public async Task A_failure_stays_while_the_pod_is_tried_again_and_goes_when_it_is_ready()
    {
        var name = NewName();
        await Create(name, "1-1");
        await Silos.Until(() => Silos.Pods.Running(name).Count == 1);
        var pod = Silos.Pods.Running(name)[0].Name;
        Silos.Pods.Fail(pod, PodReasons.StartupTimeout, "Not ready in time.", null);
        await Until(name, DeploymentStatus.Failed);
        await Silos.Pass(Second * 10);
        (await View(name)).Status.ShouldBe(DeploymentStatus.Failed);
        Silos.Pods.Started(name).ShouldHaveSingleItem();

        Silos.Pods.Ready(pod);

        (await Until(name, DeploymentStatus.Ready)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_crash_of_the_only_pod_takes_it_out_of_the_routes()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-1")).Pods[0].Name;

        Silos.Pods.Fail(pod, PodReasons.Exited, "It ended by signal 9.", 137, "out of memory");

        var failed = await Until(name, DeploymentStatus.Failed);
        failed.Failure.ShouldNotBeNull().LastLines.ShouldBe(["out of memory"]);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)?.Pods.Count == 0));
    }

    [Fact]
    public async Task It_is_stopped_with_no_pods_and_refuses_requests()
    {
        var name = NewName();
        await CreateReady(name);

        var stopped = Value(await Silos.Deployment(name).Stop("bob", Token));

        stopped.Status.ShouldBe(DeploymentStatus.Stopped);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Stopped);
        await Silos.Until(() => Silos.Pods.Running(name).Count == 0, Second);
        await Wait(name);
        await Silos.Pass(Second * 10);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
        (await Silos.Deployment(name).Events()).ShouldContain(e => e.Kind == EventKind.Stopped && e.Actor == "bob");
    }

    [Fact]
    public async Task A_stopped_one_that_is_started_serves_again()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Stop("bob", Token));
        await Silos.Until(() => Silos.Pods.Running(name).Count == 0, Second);

        Value(await Silos.Deployment(name).Start("carol", Token));

        await Until(name, DeploymentStatus.Ready);
        Silos.Pods.Started(name).Count.ShouldBe(2);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Serving);
        (await Silos.Deployment(name).Events()).ShouldContain(e => e.Kind == EventKind.Started && e.Actor == "carol");
    }

    [Fact]
    public async Task A_deleted_one_says_so_to_everyone()
    {
        var name = NewName();
        await CreateReady(name);

        var deleted = Value(await Silos.Deployment(name).Delete("bob", Token));

        deleted.Status.ShouldBe(DeploymentStatus.Deleted);
        deleted.DeletedAt.ShouldNotBeNull();
        deleted.PurgeAt.ShouldBe(deleted.DeletedAt + TimeSpan.FromDays(3));
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Deleted);
        await Silos.Until(() => Silos.Pods.Running(name).Count == 0, Second);
        Error(await Silos.Deployment(name).Stop("bob", Token)).Code.ShouldBe(Results.ErrorCodes.DeploymentDeleted);
        Error(await Silos.Deployment(name).Update(new("new", null, null, null), "bob", Token))
            .Code.ShouldBe(Results.ErrorCodes.DeploymentDeleted);
        Error(await Silos.Deployment(name).Delete("bob", Token)).Code.ShouldBe(Results.ErrorCodes.DeploymentDeleted);
    }

    [Fact]
    public async Task What_is_not_there_is_told_as_not_found()
    {
        var nobody = Silos.Deployment(NewName());

        (await nobody.Get()).ShouldBeNull();
        Error(await nobody.Stop(Anna, Token)).Code.ShouldBe(Results.ErrorCodes.NotFound);
        (await nobody.GetRoute()).State.ShouldBe(RouteState.Missing);
    }

    private Route Route(string name) => Silos.Gateways[0].Route(name).ShouldNotBeNull();
}
