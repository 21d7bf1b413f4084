using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class StatusTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Deployment_is_pending_until_the_runtime_reports_its_pods()
    {
        var name = NewName();
        Silos.Pods.Hide(name);

        (await Create(name, "1-1")).Status.ShouldBe(DeploymentStatus.Pending);
        await Silos.AdvanceInSteps(Second * 10);

        (await View(name)).Status.ShouldBe(DeploymentStatus.Pending);
        Silos.Pods.Started(name).ShouldBeEmpty();
        Silos.Pods.Hide(name, isHidden: false);
        await Until(name, DeploymentStatus.Starting);
    }

    [Fact]
    public async Task Deployment_is_starting_and_then_ready_with_its_first_pod()
    {
        var name = NewName();
        await Create(name, "1-1");

        await Until(name, DeploymentStatus.Starting);
        Silos.Pods.SetReady(Silos.Pods.Running(name).ShouldHaveSingleItem().Name);
        var ready = await Until(name, DeploymentStatus.Ready);

        ready.Pods.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ready);
        Route(name).Pods.ShouldHaveSingleItem().Address.ShouldBe(ready.Pods[0].Address);
    }

    [Fact]
    public async Task Failure_stays_during_restarts_and_is_cleared_when_the_pod_is_ready()
    {
        var name = NewName();
        await Create(name, "1-1");
        await Silos.Until(() => Silos.Pods.Running(name).Count == 1);
        var pod = Silos.Pods.Running(name)[0].Name;
        Silos.Pods.SetFailed(pod, PodReasons.StartupTimeout, "Not ready in time.", null);
        await Until(name, DeploymentStatus.Failed);
        await Silos.AdvanceInSteps(Second * 10);
        (await View(name)).Status.ShouldBe(DeploymentStatus.Failed);
        Silos.Pods.Started(name).ShouldHaveSingleItem();

        Silos.Pods.SetReady(pod);

        (await Until(name, DeploymentStatus.Ready)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task Crash_of_the_only_pod_removes_it_from_the_routes()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-1")).Pods[0].Name;

        Silos.Pods.SetFailed(pod, PodReasons.Exited, "It ended by signal 9.", 137, "out of memory");

        var failed = await Until(name, DeploymentStatus.Failed);
        failed.Failure.ShouldNotBeNull().LastLines.ShouldBe(["out of memory"]);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)?.Pods.Count == 0));
    }

    [Fact]
    public async Task Stopped_deployment_has_no_pods_and_rejects_requests()
    {
        var name = NewName();
        await CreateReady(name);

        var stopped = Value(await Silos.Deployment(name).Stop("bob", Token));

        stopped.Status.ShouldBe(DeploymentStatus.Stopped);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Stopped);
        await Silos.Until(() => Silos.Pods.Running(name).Count == 0, Second);
        await ReportWaiting(name);
        await Silos.AdvanceInSteps(Second * 10);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e => e.Kind == EventKind.Stopped && e.Actor == "bob");
    }

    [Fact]
    public async Task Started_deployment_serves_again()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Stop("bob", Token));
        await Silos.Until(() => Silos.Pods.Running(name).Count == 0, Second);

        Value(await Silos.Deployment(name).Start("carol", Token));

        await Until(name, DeploymentStatus.Ready);
        Silos.Pods.Started(name).Count.ShouldBe(2);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Serving);
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e => e.Kind == EventKind.Started && e.Actor == "carol");
    }

    [Fact]
    public async Task Deleted_deployment_is_shown_as_deleted_and_rejects_changes()
    {
        var name = NewName();
        await CreateReady(name);

        var deleted = Value(await Silos.Deployment(name).Delete("bob", Token));

        deleted.Status.ShouldBe(DeploymentStatus.Deleted);
        deleted.DeletedAt.ShouldNotBeNull();
        deleted.PurgeAt.ShouldBe(deleted.DeletedAt + TimeSpan.FromDays(3));
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Deleted);
        await Silos.Until(() => Silos.Pods.Running(name).Count == 0, Second);
        Error(await Silos.Deployment(name).Stop("bob", Token)).Code.ShouldBe(ErrorCodes.DeploymentDeleted);
        Error(await Silos.Deployment(name).Update(new("new", null, null, null), "bob", Token)).Code.ShouldBe(ErrorCodes.DeploymentDeleted);
        Error(await Silos.Deployment(name).Delete("bob", Token)).Code.ShouldBe(ErrorCodes.DeploymentDeleted);
    }

    [Fact]
    public async Task Unknown_deployment_returns_not_found()
    {
        var unknown = Silos.Deployment(NewName());

        (await unknown.Get()).ShouldBeNull();
        Error(await unknown.Stop(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        (await unknown.GetRoute()).State.ShouldBe(RouteState.Missing);
    }

    private Route Route(string name) => Silos.Gateways[0].Route(name).ShouldNotBeNull();
}
