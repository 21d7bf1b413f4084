using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Behavior of a deployment while the host of its pods is being drained.</summary>
public sealed class HostDrainTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Pod_on_a_draining_host_serves_until_its_replacement_is_ready_and_finishes_its_requests()
    {
        var name = NewName();
        var old = (await CreateReady(name, "1-1", new() { DrainTimeout = TimeSpan.FromDays(1) })).Pods[0].Name;
        Silos.Pods.Script(name, (_, seen) => seen);
        Silos.Gateways[0].SetInFlight(old, 1);

        Silos.Pods.SetLeaving(old);

        await Until(name, v => v.Pods.Count == 2);
        var next = Silos.Pods.Started(name)[1].Name;
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Single().Name == old);
        Silos.Pods.SetReady(next);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)!.Pods is [var only] && only.Name == next));
        Silos.Pods.Stopped(name).ShouldBeEmpty();
        Silos.Gateways[0].SetInFlight(old, 0);
        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1);
        Silos.Pods.Started(name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Idle_pod_on_a_draining_host_is_not_replaced_without_a_minimum()
    {
        var name = NewName();
        var pod = await Served(name);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(2));

        Silos.Pods.SetLeaving(pod);

        await Until(name, DeploymentStatus.Idle, Second);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Pod_on_a_draining_host_is_replaced_after_recent_requests()
    {
        var name = NewName();
        var pod = await Served(name);
        await ReportInFlight(name, 1, [pod]);

        Silos.Pods.SetLeaving(pod);

        await Until(name, v => v.Pods is [{ Phase: PodPhase.Ready } only] && only.Name != pod, Second);
    }

    [Fact]
    public async Task Minimum_is_kept_on_a_draining_host_without_requests()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-3")).Pods[0].Name;
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(5));

        Silos.Pods.SetLeaving(pod);

        await Until(name, v => v.Pods is [{ Phase: PodPhase.Ready } only] && only.Name != pod, Second);
    }

    private async Task<PodName> Served(string name)
    {
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-1", new() { IdleTimeout = TimeSpan.FromHours(1) });
        await ReportWaiting(name);
        await ReportInFlight(name, 0, []);
        return (await Until(name, DeploymentStatus.Ready)).Pods[0].Name;
    }
}
