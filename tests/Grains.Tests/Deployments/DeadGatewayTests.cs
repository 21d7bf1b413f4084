using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Draining a pod while one of the gateways does not respond and then dies.</summary>
public sealed class DeadGatewayTests() : OwnSilosTest(new TestSilos())
{
    [Fact]
    public async Task Pod_drains_until_the_silo_of_an_unresponsive_gateway_is_dead()
    {
        await CreateReady("iris", "1-1", new() { DrainTimeout = TimeSpan.FromDays(1) });
        var pod = (await View("iris")).Pods[0].Name;
        using var silence = Silos.Gateways[1].BlockLoadReport("iris");
        Value(await Silos.Deployment("iris").Update(new(null, null, new() { Cpu = 1 }, null), Anna, Token));
        await Until("iris", view => view.Pods.Any(p => p.Name == pod && p.Phase is PodPhase.Draining));
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(10));
        Silos.Pods.Stopped("iris").ShouldBeEmpty();

        var dying = Silos.Cluster.Silos.Single(silo => silo.ServiceProvider.GetRequiredService<IGateway>() == Silos.Gateways[1]);
        await Silos.Cluster.KillSiloAsync(dying, Token);

        await Silos.Until(() => Silos.Pods.Stopped("iris").Any(stopped => stopped.Pod == pod), Second);
    }
}
