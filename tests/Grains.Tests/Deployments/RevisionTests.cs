using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class RevisionTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly ConfigurationInput Other = new() { Environment = [new("MODEL", "2")] };

    [Fact]
    public async Task Failing_revision_leaves_the_old_one_serving()
    {
        var name = NewName();
        var old = (await CreateReady(name, "1-1")).Pods[0].Name;
        Silos.Pods.Script(
            name,
            (_, pod) => pod with { Phase = PodPhase.Failed, Reason = PodReasons.Exited, Message = "It ended.", ExitCode = 1 }
        );

        Value(await Silos.Deployment(name).Update(new(null, null, Other, null), Anna, Token));

        var view = await Until(name, seen => seen.Failure is not null);
        view.Failure!.Revision.ShouldBe(2);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(10));
        (await View(name)).Status.ShouldBe(DeploymentStatus.Ready);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Single().Name == old);
        Silos.Pods.Stopped(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Rollback_to_an_unknown_revision_is_rejected()
    {
        var name = NewName();
        await Create(name);

        var error = Error(await Silos.Deployment(name).RollBack(7, Anna, Token));

        error.Field.ShouldBe("revision");
        error.Message.ShouldContain("7");
    }

    [Fact]
    public async Task Rejected_change_has_no_effect()
    {
        var name = NewName();
        await Create(name);

        Error(await Silos.Deployment(name).Update(new("Irises", "nowhere", null, null), Anna, Token)).Field.ShouldBe("image");
        (await Silos.Deployment(name).Update(new("Irises", null, new() { Pods = "x", Cpu = -1 }, null), Anna, Token)).Errors.Count.ShouldBe(
            2
        );

        (await View(name)).Title.ShouldBe(name);
        (await View(name)).Revisions.Count.ShouldBe(1);
    }
}
