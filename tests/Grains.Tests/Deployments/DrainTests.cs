using System.Diagnostics;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Draining: no request is aborted or lost, and a draining pod returns to service if it is needed.</summary>
public sealed class DrainTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly ConfigurationInput Eager = new()
    {
        Concurrency = 1,
        ScaleDownDelay = TimeSpan.Zero,
        IdleTimeout = TimeSpan.FromDays(1),
        TerminationGracePeriod = Second,
        DrainTimeout = Second,
    };

    [Fact]
    public async Task Idle_pod_is_stopped_before_a_busy_one()
    {
        var name = NewName();
        var pods = await CreateTwo(name);

        await Silos.Until(async () => await Reported(name, 1, [pods[1]]) && Silos.Pods.Stopped(name).Count > 0, Second);

        Silos.Pods.Stopped(name).ShouldHaveSingleItem().Pod.ShouldBe(pods[0]);
        (await View(name)).Pods.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ready);
    }

    [Fact]
    public async Task Busy_surplus_pod_finishes_its_requests_without_a_limit()
    {
        var name = NewName();
        var pods = await CreateTwo(name);
        await UntilOneDrains(name, pods);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Count == 1);

        await Pass(name, pods, TimeSpan.FromHours(2));
        Silos.Pods.Stopped(name).ShouldBeEmpty();

        Silos.Gateways[1].SetInFlight(pods[1], 0);
        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1, Second);
        Silos.Pods.Stopped(name)[0].ShouldBe((pods[1], Second));
    }

    [Fact]
    public async Task Pod_drains_until_every_gateway_reports_its_load()
    {
        var name = NewName();
        var pods = await CreateTwo(name);
        using var silence = Silos.Gateways[1].BlockLoadReport(name);

        await Silos.Until(
            async () => await Reported(name, 1, [pods[0]]) && (await View(name)).Pods.Any(p => p.Phase is PodPhase.Draining),
            Second
        );
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(10));
        Silos.Pods.Stopped(name).ShouldBeEmpty();
        silence.Dispose();

        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1, Second);
    }

    [Fact]
    public async Task Drain_timeout_limits_the_wait_for_an_unresponsive_gateway()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-1", Eager)).Pods[0].Name;
        using var silence = Silos.Gateways[1].BlockLoadReport(name);

        Value(await Silos.Deployment(name).Update(Change("A", "2"), Anna, Token));

        await Silos.Until(() => Silos.Pods.Stopped(name).Any(stopped => stopped.Pod == pod), Second);
    }

    [Fact]
    public async Task Draining_pod_returns_to_service_when_the_load_returns()
    {
        var name = NewName();
        var pods = await CreateTwo(name);
        await UntilOneDrains(name, pods);

        await ReportWaiting(name, waiting: 1, gateway: 1);

        var view = await Until(name, v => v.Pods.All(p => p.Phase is PodPhase.Ready));
        view.Pods.Select(p => p.Name).ShouldBe(pods, ignoreOrder: true);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)!.Pods.Count == 2));
        Silos.Pods.Started(name).Count.ShouldBe(2);
        Silos.Pods.Stopped(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Last_pod_stays_while_unreported_requests_wait_at_a_gateway()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-1", Eager with { IdleTimeout = Second * 30 });
        await ReportWaiting(name);
        await Until(name, DeploymentStatus.Ready);
        Silos.Gateways[1].SetWaiting(name, 1);

        await Silos.Until(
            async () => (await Silos.Deployment(name).GetEvents()).Any(e => e.Message.StartsWith("0 pods: no requests for 30 s")),
            Second
        );
        await Until(name, v => v is { DesiredPods: 1, Pods: [{ Phase: PodPhase.Ready }] });
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(2));
        Silos.Pods.Stopped(name).ShouldBeEmpty();

        Silos.Gateways[1].SetWaiting(name, 0);
        await Until(name, DeploymentStatus.Idle, Second);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Last_pod_finishes_an_unreported_request_and_serves_the_next_one()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-1", Eager with { IdleTimeout = Second * 30 });
        await ReportWaiting(name);
        var pod = (await Until(name, DeploymentStatus.Ready)).Pods[0].Name;
        Silos.Gateways[1].SetInFlight(pod, 1);

        await Until(name, v => v.Pods is [{ Phase: PodPhase.Draining }], Second);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(10));
        Silos.Pods.Stopped(name).ShouldBeEmpty();
        await ReportWaiting(name);

        (await Until(name, DeploymentStatus.Ready)).Pods.ShouldHaveSingleItem().Name.ShouldBe(pod);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Stopping_the_deployment_limits_a_drain_without_a_limit()
    {
        var name = NewName();
        var pods = await CreateTwo(name);
        await UntilOneDrains(name, pods);

        Value(await Silos.Deployment(name).Stop(Anna, Token));

        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 2);
    }

    [Fact]
    public async Task Pod_of_an_earlier_revision_has_the_drain_timeout_and_then_its_grace_period()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-1", Eager with { TerminationGracePeriod = Second * 7 })).Pods[0].Name;
        Silos.Gateways[0].SetInFlight(pod, 1);
        var started = Stopwatch.GetTimestamp();

        Value(await Silos.Deployment(name).Update(Change("A", "2"), Anna, Token));

        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1);
        Silos.Pods.Stopped(name)[0].ShouldBe((pod, Second * 7));
        Stopwatch.GetElapsedTime(started).ShouldBeGreaterThan(Second * 0.95);
    }

    [Theory]
    [InlineData("0-0")]
    [InlineData("1-1")]
    [InlineData("0-3")]
    public async Task Old_pods_serve_while_pods_of_the_new_revision_crash(string range)
    {
        var name = NewName();
        Silos.Pods.Script(
            name,
            (spec, seen) => spec.Revision == 1 ? ScriptedReady(seen) : seen with { Phase = PodPhase.Failed, Reason = PodReasons.Exited }
        );
        await Create(name, range, Eager);
        await ReportWaiting(name);
        var old = (await Until(name, DeploymentStatus.Ready)).Pods[0].Name;

        Value(await Silos.Deployment(name).Update(Change("A", "broken"), Anna, Token));
        await Until(name, v => v.Failure is not null);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(5));

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Single().Name == old);
        Silos.Pods.Stopped(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Draining_old_pod_returns_to_service_when_the_new_one_crashes()
    {
        var name = NewName();
        var old = (await CreateReady(name, "1-1", Eager with { DrainTimeout = TimeSpan.FromDays(1) })).Pods[0].Name;
        Silos.Gateways[0].SetInFlight(old, 1);
        Value(await Silos.Deployment(name).Update(Change("A", "2"), Anna, Token));
        var view = await Until(name, v => v.Pods.Any(p => p is { Revision: 1, Phase: PodPhase.Draining }));

        Silos.Pods.SetFailed(view.Pods.Single(p => p.Revision == 2).Name, PodReasons.Exited, "It crashed.", 1);

        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)!.Pods is [var only] && only.Name == old));
    }

    private static PodObservation ScriptedReady(PodObservation pod) =>
        pod with
        {
            Phase = PodPhase.Ready,
            Address = new($"http://{pod.Name}.invalid/"),
        };

    private static DeploymentChange Change(string variable, string value) =>
        new(null, null, new() { Environment = [new(variable, value)] }, null);

    /// <summary>Creates a deployment with two ready pods and returns them, the older pod first.</summary>
    private async Task<IReadOnlyList<PodName>> CreateTwo(string name)
    {
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-2", Eager);
        await ReportWaiting(name, waiting: 2);
        await Until(name, v => v.Pods.Count(p => p.Phase is PodPhase.Ready) == 2);
        return [.. Silos.Pods.Started(name).Select(pod => pod.Name)];
    }

    /// <summary>Keeps both pods busy with a load for one pod until the younger one drains.</summary>
    private async Task UntilOneDrains(string name, IReadOnlyList<PodName> pods)
    {
        Silos.Gateways[0].SetInFlight(pods[0], 1);
        Silos.Gateways[1].SetInFlight(pods[1], 1);
        await Silos.Until(
            async () =>
                await Reported(name, 1, pods) && (await View(name)).Pods.Any(p => p.Name == pods[1] && p.Phase is PodPhase.Draining),
            Second
        );
    }

    private async Task Pass(string name, IReadOnlyList<PodName> pods, TimeSpan time)
    {
        for (var i = 0; i < 20; i++)
        {
            await Silos.AdvanceInSteps(time / 20, steps: 1);
            await ReportInFlight(name, 1, pods);
        }
    }

    private async Task<bool> Reported(string name, int inFlight, IReadOnlyList<PodName> busy)
    {
        await ReportInFlight(name, inFlight, busy);
        return true;
    }
}
