using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A gateway that dies with what it has of a pod.</summary>
public sealed class DeadGatewayTests() : SiloTest(new TestSilos()), IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task A_silent_gateway_is_waited_for_until_its_silo_is_dead()
    {
        await CreateReady("iris", "1-1", new() { DrainTimeout = TimeSpan.FromDays(1) });
        var pod = (await View("iris")).Pods[0].Name;
        using var silence = Silos.Gateways[1].FallSilent("iris");
        Value(await Silos.Deployment("iris").Update(new(null, null, new() { Cpu = 1 }, null), Anna, Token));
        await Until("iris", view => view.Pods.Any(p => p.Name == pod && p.Phase is PodPhase.Draining));
        await Silos.Pass(TimeSpan.FromMinutes(10));
        Silos.Pods.Stopped("iris").ShouldBeEmpty();

        var dying = Silos.Cluster.Silos.Single(silo => silo.ServiceProvider.GetRequiredService<IGateway>() == Silos.Gateways[1]);
        await Silos.Cluster.KillSiloAsync(dying, Token);

        await Silos.Until(() => Silos.Pods.Stopped("iris").Any(stopped => stopped.Pod == pod), Second);
    }
}
