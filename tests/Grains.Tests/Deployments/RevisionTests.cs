using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class RevisionTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly ConfigurationSpec Other = new() { Environment = new Dictionary<string, string> { ["MODEL"] = "2" } };

    [Fact]
    public async Task The_old_pod_goes_only_when_the_new_one_is_ready()
    {
        var name = NewName();
        var old = (await CreateReady(name, "1-1")).Pods[0].Name;
        Silos.Pods.Script(name, (_, pod) => pod);

        var updated = Value(await Silos.Deployment(name).Update(new(null, null, Other, 1), Anna, Token));

        updated.Current.Number.ShouldBe(2);
        await Silos.Until(() => Silos.Pods.Running(name).Count == 2);
        await Silos.Pass(Second * 10);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Single().Name == old);
        Silos.Pods.Stopped(name).ShouldBeEmpty();

        var fresh = Silos.Pods.Running(name).Single(pod => pod.Revision == 2).Name;
        Silos.Pods.Started(name)[1].Environment["MODEL"].ShouldBe("2");
        Silos.Pods.Ready(fresh);
        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1, Second);
        Silos.Pods.Stopped(name)[0].Pod.ShouldBe(old);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Single().Name == fresh);
    }

    [Fact]
    public async Task A_new_revision_that_fails_leaves_the_old_one_serving()
    {
        var name = NewName();
        var old = (await CreateReady(name, "1-1")).Pods[0].Name;
        Silos.Pods.Script(name, (_, pod) => pod with { Phase = PodPhase.Failed, Reason = PodReasons.Exited, Message = "It ended.", ExitCode = 1 });

        Value(await Silos.Deployment(name).Update(new(null, null, Other, null), Anna, Token));

        var view = await Until(name, seen => seen.Failure is not null);
        view.Failure!.Revision.ShouldBe(2);
        await Silos.Pass(TimeSpan.FromMinutes(10));
        (await View(name)).Status.ShouldBe(DeploymentStatus.Ready);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Pods.Single().Name == old);
        Silos.Pods.Stopped(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rollback_is_a_new_revision_made_from_the_old_one()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Update(new(null, null, Other, null), Anna, Token));

        var back = Value(await Silos.Deployment(name).RollBack(1, "bob", Token));

        back.Current.Number.ShouldBe(3);
        back.Current.RollbackOf.ShouldBe(1);
        back.Current.CreatedBy.ShouldBe("bob");
        back.Current.Configuration.Environment.ShouldBeEmpty();
        await Until(name, view => view.Pods is [{ Revision: 3, Phase: PodPhase.Ready }], Second);
        (await Silos.Deployment(name).Events()).ShouldContain(e => e.Kind == EventKind.RolledBack && e.Actor == "bob");
    }

    [Fact]
    public async Task A_rollback_to_a_revision_that_there_is_not_is_refused()
    {
        var name = NewName();
        await Create(name);

        var error = Error(await Silos.Deployment(name).RollBack(7, Anna, Token));

        error.Field.ShouldBe("revision");
        error.Message.ShouldContain("7");
    }

    [Fact]
    public async Task A_change_on_top_of_a_revision_that_is_not_in_force_is_a_conflict()
    {
        var name = NewName();
        await Create(name);
        Value(await Silos.Deployment(name).Update(new(null, null, Other, 1), Anna, Token));

        var error = Error(await Silos.Deployment(name).Update(new("mine", null, new() { Gpu = 1 }, 1), "bob", Token));

        error.Code.ShouldBe(ErrorCodes.VersionConflict);
        error.Field.ShouldBe("expectedRevision");
        var view = await View(name);
        view.Current.Number.ShouldBe(2);
        view.Title.ShouldBe(name);
    }

    [Fact]
    public async Task A_new_title_alone_makes_no_revision()
    {
        var name = NewName();
        await Create(name);

        var view = Value(await Silos.Deployment(name).Update(new("Irises", ScriptedImageCatalog.Plain, new() { Pods = "0-1" }, null), Anna, Token));

        view.Title.ShouldBe("Irises");
        view.Current.Number.ShouldBe(1);
        (await Silos.Deployment(name).Events())[0].Kind.ShouldBe(EventKind.Renamed);
    }

    [Fact]
    public async Task A_change_that_is_refused_changes_nothing()
    {
        var name = NewName();
        await Create(name);

        Error(await Silos.Deployment(name).Update(new("Irises", "nowhere", null, null), Anna, Token)).Field.ShouldBe("image");
        (await Silos.Deployment(name).Update(new("Irises", null, new() { Pods = "x", Cpu = -1 }, null), Anna, Token)).Errors.Count.ShouldBe(2);

        (await View(name)).Title.ShouldBe(name);
        (await View(name)).Revisions.Count.ShouldBe(1);
    }
}
