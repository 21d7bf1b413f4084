using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Status, pods and routes of a deployment over its life.</summary>
public sealed class LifecycleTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Waiting_request_starts_one_pod_and_its_route_reaches_every_gateway()
    {
        var name = NewName();
        (await Create(name, "0-3")).Status.ShouldBe(DeploymentStatus.Idle);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ReportWaiting(name, gateway: i % 2)));
        await Until(name, DeploymentStatus.Starting);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Count == 0);
        Silos.Pods.SetReady(Silos.Pods.Running(name).Single().Name);

        await Until(name, DeploymentStatus.Ready);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)?.Pods.Count == 1));
        Silos.Pods.Started(name).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Idle_timeout_stops_the_pods_and_clears_the_log()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-1", new() { IdleTimeout = TimeSpan.FromMinutes(10) });
        await ReportWaiting(name);
        await Until(name, DeploymentStatus.Ready);
        var pod = Silos.Pods.Running(name).Single().Name;
        Silos.Pods.Write(pod, "a line");
        await Silos.Until(async () => (await Log(name)).Count == 1);
        Silos.Pods.OnStopping = stopping =>
        {
            // No gateway may send requests to a pod that is asked to stop.
            if (stopping == pod)
                Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Count == 0);
        };

        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(5));
        (await View(name)).Status.ShouldBe(DeploymentStatus.Ready);
        await Until(name, DeploymentStatus.Idle, TimeSpan.FromMinutes(1));
        await Silos.Until(async () => (await Log(name)).Count == 0);
        Silos.Pods.Running(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pod_lost_with_its_host_before_the_first_report_is_replaced()
    {
        var name = NewName();
        Silos.Pods.Script(
            name,
            (_, seen) =>
            {
                Silos.Pods.Hide(name);
                return seen;
            }
        );
        await Create(name, "1-1");
        await Silos.Until(() => Silos.Pods.Running(name).Count == 1);
        Silos.Pods.ReadyImmediately(name);
        Silos.Pods.End(Silos.Pods.Running(name)[0].Name);

        Silos.Pods.Hide(name, false);

        await Until(name, DeploymentStatus.Ready, Second);
        Silos.Pods.Started(name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Stopped_deployment_lets_its_pod_finish_requests()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        var pod = Silos.Pods.Running(name).Single().Name;
        Silos.Gateways[0].SetInFlight(pod, 1);

        Value(await Silos.Deployment(name).Stop(Anna, Token));
        (await View(name)).Pods.Single().Phase.ShouldBe(PodPhase.Draining);
        await Silos.AdvanceInSteps(TimeSpan.FromSeconds(5));
        Silos.Pods.Stopped(name).ShouldBeEmpty();

        Silos.Gateways[0].SetInFlight(pod, 0);
        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1, Second);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Stopped);
    }

    [Fact]
    public async Task Failure_is_shown_with_its_last_lines_until_a_pod_is_ready()
    {
        var name = NewName();
        await Create(name, "1-1");
        var pod = (await Silos.Until(() => Task.FromResult(Silos.Pods.Running(name)), pods => pods.Count == 1))[0].Name;
        Silos.Pods.SetFailed(pod, PodReasons.Exited, "It ended with exit code 3.", 3, "no such file");

        var failed = await Until(name, DeploymentStatus.Failed);
        failed.Failure!.ExitCode.ShouldBe(3);
        failed.Failure.LastLines.ShouldBe(["no such file"]);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)?.Failure is not null));
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e => e.Kind == EventKind.PodFailed);

        Silos.Pods.SetReady(pod);
        (await Until(name, DeploymentStatus.Ready)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task New_revision_replaces_pods_one_by_one()
    {
        var name = NewName();
        await CreateReady(name, "2-2");
        Silos.Pods.Script(name, (_, seen) => seen);
        Value(await Silos.Deployment(name).Update(Change("A", "2"), Anna, Token)).Current.Number.ShouldBe(2);

        var fresh = await Silos.Until(() => Task.FromResult(PodsOfRevision(name, 2)), pods => pods.Count == 2);
        PodsOfRevision(name, 1).Count.ShouldBe(2);
        Silos.Pods.SetReady(fresh[0].Name);
        await Silos.Until(() => PodsOfRevision(name, 1).Count == 1, Second);
        Silos.Pods.SetReady(fresh[1].Name);
        await Silos.Until(() => PodsOfRevision(name, 1).Count == 0, Second);
        (await View(name)).Status.ShouldBe(DeploymentStatus.Ready);
    }

    [Fact]
    public async Task Failing_revision_leaves_the_old_one_serving_and_can_be_rolled_back()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Silos.Pods.Script(
            name,
            (spec, seen) =>
                spec.Revision == 2 ? seen with { Phase = PodPhase.Failed, Reason = PodReasons.Exited, Message = "It broke." } : seen
        );
        Value(await Silos.Deployment(name).Update(Change("A", "broken"), Anna, Token));

        var view = await Until(name, v => v.Failure is not null);
        view.Status.ShouldBe(DeploymentStatus.Ready);
        PodsOfRevision(name, 1).Count.ShouldBe(1);

        Silos.Pods.ReadyImmediately(name);
        var back = Value(await Silos.Deployment(name).RollBack(1, Anna, Token));
        back.Current.Number.ShouldBe(3);
        back.Current.RollbackOf.ShouldBe(1);
        back.Current.Configuration.Environment.ShouldBeEmpty();
        await Silos.Until(
            () => PodsOfRevision(name, 3).Count == 1 && PodsOfRevision(name, 1).Count == 0 && PodsOfRevision(name, 2).Count == 0,
            Second
        );
        (await View(name)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task Change_based_on_an_outdated_revision_returns_a_conflict()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Update(Change("A", "1") with { ExpectedRevision = 1 }, Anna, Token));
        Error(await Silos.Deployment(name).Update(Change("A", "2") with { ExpectedRevision = 1 }, Anna, Token))
            .Code.ShouldBe("VERSION_CONFLICT");
        (await View(name)).Current.Number.ShouldBe(2);
    }

    [Fact]
    public async Task Change_without_effect_creates_no_revision()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Update(Change("A", "1"), Anna, Token)).Current.Number.ShouldBe(2);
        Value(await Silos.Deployment(name).Update(Change("A", "1"), Anna, Token)).Current.Number.ShouldBe(2);
        Value(await Silos.Deployment(name).Update(new("Another title", null, null, null), Anna, Token)).Current.Number.ShouldBe(2);
        (await View(name)).Title.ShouldBe("Another title");
    }

    [Fact]
    public async Task Subscriber_gets_the_current_state_and_then_each_change()
    {
        var name = NewName();
        await Create(name, "0-1");
        await using var watch = Silos.Deployment(name).Watch(Token).GetAsyncEnumerator(Token);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.Status.ShouldBe(DeploymentStatus.Idle);

        Value(await Silos.Deployment(name).Stop(Anna, Token));
        while (watch.Current.Status is not DeploymentStatus.Stopped)
            (await watch.MoveNextAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task Names_that_are_the_same_number_are_different_deployments()
    {
        await Create("10", "0-1");
        await Create("010", "0-2");
        (await View("10")).Current.Configuration.Pods.Max.ShouldBe(1);
        (await View("010")).Current.Configuration.Pods.Max.ShouldBe(2);
    }

    private static DeploymentChange Change(string variable, string value) =>
        new(null, null, new() { Environment = [new(variable, value)] }, null);

    private List<PodObservation> PodsOfRevision(string name, int revision) =>
        [.. Silos.Pods.Running(name).Where(pod => pod.Revision == revision)];

    private Task<IReadOnlyList<LogLine>> Log(string name) => Silos.Grains.GetGrain<ILogGrain>(name).Read(new());
}
