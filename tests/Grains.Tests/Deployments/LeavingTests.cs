using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>What a deployment does when the machine of its pods is to go.</summary>
public sealed class LeavingTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_pod_that_leaves_serves_until_another_one_is_ready_and_then_finishes_what_it_has()
    {
        var name = NewName();
        var old = (await CreateReady(name, "1-1", new() { DrainTimeout = TimeSpan.FromDays(1) })).Pods[0].Name;
        Silos.Pods.Script(name, (_, seen) => seen);
        Silos.Gateways[0].Busy(old, 1);

        Silos.Pods.Leave(old);

        await Until(name, v => v.Pods.Count == 2);
        var next = Silos.Pods.Started(name)[1].Name;
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Single().Name == old);
        Silos.Pods.Ready(next);
        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name)!.Pods is [var only] && only.Name == next));
        Silos.Pods.Stopped(name).ShouldBeEmpty();
        Silos.Gateways[0].Busy(old, 0);
        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1);
        Silos.Pods.Started(name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_minimum_and_without_requests_nothing_takes_its_place()
    {
        var name = NewName();
        var pod = await Served(name);
        await Silos.Pass(TimeSpan.FromMinutes(2));

        Silos.Pods.Leave(pod);

        await Until(name, DeploymentStatus.Idle, Second);
        Silos.Pods.Started(name).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task With_requests_of_late_another_one_takes_its_place()
    {
        var name = NewName();
        var pod = await Served(name);
        await Report(name, 1, [pod]);

        Silos.Pods.Leave(pod);

        await Until(name, v => v.Pods is [{ Phase: PodPhase.Ready } only] && only.Name != pod, Second);
    }

    [Fact]
    public async Task The_minimum_is_kept_without_any_request()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-3")).Pods[0].Name;
        await Silos.Pass(TimeSpan.FromMinutes(5));

        Silos.Pods.Leave(pod);

        await Until(name, v => v.Pods is [{ Phase: PodPhase.Ready } only] && only.Name != pod, Second);
    }

    private async Task<PodName> Served(string name)
    {
        Silos.Pods.ReadyAtOnce(name);
        await Create(name, "0-1", new() { IdleTimeout = TimeSpan.FromHours(1) });
        await Wait(name);
        await Report(name, 0, []);
        return (await Until(name, DeploymentStatus.Ready)).Pods[0].Name;
    }
}
