using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Routing;

/// <summary>Every gateway eventually has the newest route, even with wrong clocks and slow gateways.</summary>
public sealed class RoutePublishingTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Route_replaces_a_newer_version_if_the_clock_of_the_deployment_is_behind()
    {
        var name = NewName();
        var ahead = Silos.Clock.GetUtcNow().AddDays(1).UtcTicks;
        foreach (var gateway in Silos.Gateways)
            gateway.ApplyRoute(
                new()
                {
                    Deployment = DeploymentName.Parse(name),
                    Version = ahead,
                    State = RouteState.Deleted,
                }
            );

        await CreateReady(name);

        await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route(name) is { State: RouteState.Serving, Pods.Count: 1 }));
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Version > ahead);
    }

    [Fact]
    public async Task Slow_gateway_with_a_newer_version_gets_the_route()
    {
        var name = NewName();
        var ahead = Silos.Clock.GetUtcNow().AddDays(1).UtcTicks;
        var gateway = Silos.Gateways[1];
        gateway.ApplyRoute(
            new()
            {
                Deployment = DeploymentName.Parse(name),
                Version = ahead,
                State = RouteState.Deleted,
            }
        );

        using (gateway.BlockRoutes())
        {
            var created = CreateReady(name);
            await Silos.Until(() => created.IsCompleted, Step);
            await created;
        }

        await Silos.Until(
            () =>
                Silos.Gateways.All(each => each.Route(name) is { State: RouteState.Serving, Pods.Count: 1 } route && route.Version > ahead),
            Step
        );
    }

    [Fact]
    public async Task Activation_deactivates_if_another_one_has_published_a_newer_route()
    {
        var name = NewName();
        await CreateReady(name);
        var ahead = Silos.Clock.GetUtcNow().AddDays(1).UtcTicks;
        Silos.Gateways[1].ApplyRoute(Silos.Gateways[1].Route(name)! with { Version = ahead });

        Value(await Silos.Deployment(name).Stop(Anna, Token));

        // The new activation publishes its first route above the existing version.
        await Silos.Until(
            () => Silos.Gateways.All(gateway => gateway.Route(name) is { State: RouteState.Stopped } route && route.Version > ahead),
            Step
        );
    }

    [Fact]
    public async Task Gateway_that_missed_a_revocation_gets_it_when_it_responds_again()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await CreateKey(name);
        var gateway = Silos.Gateways[1];
        await Silos.Until(() => gateway.Route(name)?.Keys.Count == 1);

        using (gateway.BlockRoutes())
        {
            var revoked = Silos.Grains.GetGrain<IKeyGrain>(key.Hash).Revoke(Anna, Token);
            await Silos.Until(() => revoked.IsCompleted, Step);
            Value(await revoked);
            gateway.Route(name)!.Keys.ShouldHaveSingleItem();
        }

        await Silos.Until(() => gateway.Route(name)!.Keys.Count == 0, Step);
    }
}
