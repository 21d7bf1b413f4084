using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A deployment's statuses, pods and routes over its life.</summary>
public sealed class LifeTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_waiting_request_starts_one_pod_and_its_route_reaches_every_gateway()
    {
        var name = NewName();
        (await Create(name, "0-3")).Status.ShouldBe(DeploymentStatus.Idle);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Wait(name, gateway: i % 2)));
        await Until(name, DeploymentStatus.Starting);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Count == 0);
        Silos.Pods.Ready(Silos.Pods.Running(name).Single().Name);

        await Until(name, DeploymentStatus.Ready);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)?.Pods.Count == 1));
        Silos.Pods.Started(name).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_requests_its_pods_go_after_the_idle_time_and_the_log_with_them()
    {
        var name = NewName();
        Silos.Pods.ReadyAtOnce(name);
        await Create(name, "0-1", new() { IdleTimeout = TimeSpan.FromMinutes(10) });
        await Wait(name);
        await Until(name, DeploymentStatus.Ready);
        var pod = Silos.Pods.Running(name).Single().Name;
        Silos.Pods.Write(pod, "a line");
        await Silos.Until(async () => (await Log(name)).Count == 1);
        Silos.Pods.Stopping = stopping =>
        {
            // No gateway may send to a pod that is asked to end.
            if (stopping == pod)
                Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Count == 0);
        };

        await Silos.Pass(TimeSpan.FromMinutes(5));
        (await View(name)).Status.ShouldBe(DeploymentStatus.Ready);
        await Until(name, DeploymentStatus.Idle, TimeSpan.FromMinutes(1));
        await Silos.Until(async () => (await Log(name)).Count == 0);
        Silos.Pods.Running(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pod_whose_machine_goes_before_anybody_saw_it_is_replaced()
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
        Silos.Pods.ReadyAtOnce(name);
        Silos.Pods.End(Silos.Pods.Running(name)[0].Name);

        Silos.Pods.Hide(name, false);

        await Until(name, DeploymentStatus.Ready, Second);
        Silos.Pods.Started(name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_pod_with_requests_is_not_ended_before_they_are()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        var pod = Silos.Pods.Running(name).Single().Name;
        Silos.Gateways[0].Busy(pod, 1);

        Value(await Silos.Deployment(name).Stop(Anna, Token));
        (await View(name)).Pods.Single().Phase.ShouldBe(PodPhase.Draining);
        await Silos.Pass(TimeSpan.FromSeconds(5));
        Silos.Pods.Stopped(name).ShouldBeEmpty();

        Silos.Gateways[0].Busy(pod, 0);
        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1, Second);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Stopped);
    }

    [Fact]
    public async Task A_failure_is_shown_with_its_last_lines_until_a_pod_is_ready()
    {
        var name = NewName();
        await Create(name, "1-1");
        var pod = (await Silos.Until(() => Task.FromResult(Silos.Pods.Running(name)), pods => pods.Count == 1))[0].Name;
        Silos.Pods.Fail(pod, PodReasons.Exited, "It ended with exit code 3.", 3, "no such file");

        var failed = await Until(name, DeploymentStatus.Failed);
        failed.Failure!.ExitCode.ShouldBe(3);
        failed.Failure.LastLines.ShouldBe(["no such file"]);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)?.Failure is not null));
        (await Silos.Deployment(name).Events()).ShouldContain(e => e.Kind == EventKind.PodFailed);

        Silos.Pods.Ready(pod);
        (await Until(name, DeploymentStatus.Ready)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_new_revision_takes_over_pod_by_pod()
    {
        var name = NewName();
        await CreateReady(name, "2-2");
        Silos.Pods.Script(name, (_, seen) => seen);
        Value(await Silos.Deployment(name).Update(Change("A", "2"), Anna, Token)).Current.Number.ShouldBe(2);

        var fresh = await Silos.Until(() => Task.FromResult(Of(name, 2)), pods => pods.Count == 2);
        Of(name, 1).Count.ShouldBe(2);
        Silos.Pods.Ready(fresh[0].Name);
        await Silos.Until(() => Of(name, 1).Count == 1, Second);
        Silos.Pods.Ready(fresh[1].Name);
        await Silos.Until(() => Of(name, 1).Count == 0, Second);
        (await View(name)).Status.ShouldBe(DeploymentStatus.Ready);
    }

    [Fact]
    public async Task A_new_revision_that_fails_leaves_the_old_one_serving_and_can_be_rolled_back()
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
        Of(name, 1).Count.ShouldBe(1);

        Silos.Pods.ReadyAtOnce(name);
        var back = Value(await Silos.Deployment(name).RollBack(1, Anna, Token));
        back.Current.Number.ShouldBe(3);
        back.Current.RollbackOf.ShouldBe(1);
        back.Current.Configuration.Environment.ShouldBeEmpty();
        await Silos.Until(() => Of(name, 3).Count == 1 && Of(name, 1).Count == 0 && Of(name, 2).Count == 0, Second);
        (await View(name)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_change_on_top_of_another_ones_change_is_told_as_a_conflict()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Update(Change("A", "1") with { ExpectedRevision = 1 }, Anna, Token));
        Error(await Silos.Deployment(name).Update(Change("A", "2") with { ExpectedRevision = 1 }, Anna, Token))
            .Code.ShouldBe("VERSION_CONFLICT");
        (await View(name)).Current.Number.ShouldBe(2);
    }

    [Fact]
    public async Task A_change_that_changes_nothing_makes_no_revision()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Update(Change("A", "1"), Anna, Token)).Current.Number.ShouldBe(2);
        Value(await Silos.Deployment(name).Update(Change("A", "1"), Anna, Token)).Current.Number.ShouldBe(2);
        Value(await Silos.Deployment(name).Update(new("Another title", null, null, null), Anna, Token)).Current.Number.ShouldBe(2);
        (await View(name)).Title.ShouldBe("Another title");
    }

    [Fact]
    public async Task Who_watches_sees_it_at_once_as_it_is_and_then_each_change()
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
    public async Task Two_deployments_whose_names_are_the_same_number_are_two()
    {
        await Create("10", "0-1");
        await Create("010", "0-2");
        (await View("10")).Current.Configuration.Pods.Max.ShouldBe(1);
        (await View("010")).Current.Configuration.Pods.Max.ShouldBe(2);
    }

    private static DeploymentChange Change(string variable, string value) =>
        new(null, null, new() { Environment = new Dictionary<string, string> { [variable] = value } }, null);

    private List<PodObservation> Of(string name, int revision) => [.. Silos.Pods.Running(name).Where(pod => pod.Revision == revision)];

    private Task<IReadOnlyList<LogLine>> Log(string name) => Silos.Grains.GetGrain<ILogGrain>(name).Read(new());
}
