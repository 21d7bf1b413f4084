using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Routing;

/// <summary>That every gateway has the newest route, whatever clocks say and whoever is slow.</summary>
public sealed class RoutePublishingTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task A_deployment_whose_clock_is_behind_is_believed_nevertheless()
    {
        var name = NewName();
        var ahead = Silos.Clock.GetUtcNow().AddDays(1).UtcTicks;
        foreach (var gateway in Silos.Gateways)
            gateway.Receive(
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
    public async Task A_gateway_that_is_ahead_and_answers_too_late_gets_the_route_nevertheless()
    {
        var name = NewName();
        var ahead = Silos.Clock.GetUtcNow().AddDays(1).UtcTicks;
        var gateway = Silos.Gateways[1];
        gateway.Receive(
            new()
            {
                Deployment = DeploymentName.Parse(name),
                Version = ahead,
                State = RouteState.Deleted,
            }
        );

        using (gateway.Freeze())
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
    public async Task A_deployment_that_finds_somebody_else_deciding_gives_way()
    {
        var name = NewName();
        await CreateReady(name);
        var ahead = Silos.Clock.GetUtcNow().AddDays(1).UtcTicks;
        Silos.Gateways[1].Receive(Silos.Gateways[1].Route(name)! with { Version = ahead });

        Value(await Silos.Deployment(name).Stop(Anna, Token));

        // Activated anew it is the first to speak, above what is there.
        await Silos.Until(
            () => Silos.Gateways.All(gateway => gateway.Route(name) is { State: RouteState.Stopped } route && route.Version > ahead),
            Step
        );
    }

    [Fact]
    public async Task A_gateway_that_missed_a_revocation_gets_it_as_soon_as_it_answers()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await CreateKey(name);
        var gateway = Silos.Gateways[1];
        await Silos.Until(() => gateway.Route(name)?.Keys.Count == 1);

        using (gateway.Freeze())
        {
            var revoked = Silos.Grains.GetGrain<IKeyGrain>(key.Hash).Revoke(Anna, Token);
            await Silos.Until(() => revoked.IsCompleted, Step);
            Value(await revoked);
            gateway.Route(name)!.Keys.ShouldHaveSingleItem();
        }

        await Silos.Until(() => gateway.Route(name)!.Keys.Count == 0, Step);
    }
}
