using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class RestartTests() : OwnSilosTest(new TestSilos())
{
    [Fact]
    public async Task Active_deployment_restarts_its_pods_and_a_stopped_one_does_not()
    {
        await CreateReady("active", "2-2");
        await Until("active", view => view.Pods.Count == 2);
        await CreateReady("stopped", "1-1");
        Value(await Silos.Deployment("stopped").Stop(Anna, Token));
        await Create("idle", "0-1");
        await Until("idle", DeploymentStatus.Idle);

        await Silos.Restart(() => Silos.Clock.Advance(Second));

        // No call activates the deployment: the periodic wake-up of the silos does.
        await Silos.Until(() => Silos.Pods.Running("active").Count == 2, Second);
        await Until("active", DeploymentStatus.Ready, Second);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(2));
        Silos.Pods.Running("active").Count.ShouldBe(2);
        Silos.Pods.Running("stopped").ShouldBeEmpty();
        Silos.Pods.Running("idle").ShouldBeEmpty();
        (await View("stopped")).Status.ShouldBe(DeploymentStatus.Stopped);
    }

    [Fact]
    public async Task Pod_started_for_requests_returns_for_its_idle_time_after_a_crash()
    {
        Silos.Pods.ReadyImmediately("busy");
        await Create("busy", "0-1");
        await ReportWaiting("busy");
        await Until("busy", DeploymentStatus.Ready);

        await Silos.Crash(() => Silos.Clock.Advance(Second));

        await Until("busy", DeploymentStatus.Ready, Second);
        await Until("busy", DeploymentStatus.Idle, Second * 5);
    }

    [Fact]
    public async Task Pods_that_survive_a_restart_are_kept_until_their_load_is_known()
    {
        Silos.Pods.ReadyImmediately("busy");
        await Create(
            "busy",
            "0-3",
            new()
            {
                Concurrency = 1,
                ScaleDownDelay = TimeSpan.Zero,
                IdleTimeout = TimeSpan.FromHours(1),
            }
        );
        await ReportWaiting("busy", waiting: 3);
        await Until("busy", view => view.Pods.Count == 3);

        await Silos.Stop();
        Silos.Clock.Advance(Second);
        await Silos.Start();

        var kept = await Until("busy", view => view is { DesiredPods: 3, Pods.Count: 3 }, Second);
        kept.ScalingReason.ShouldBe("3 pods: kept until 60 s of load have been observed");
        var pod = kept.Pods[0].Name;
        for (var i = 0; i < 10; i++)
        {
            await ReportInFlight("busy", 1, [pod]);
            await Silos.AdvanceInSteps(Second * 5, steps: 2);
        }

        Silos.Pods.Stopped("busy").ShouldBeEmpty();
        await Silos.Until(
            async () =>
            {
                await ReportInFlight("busy", 1, [pod]);
                return Silos.Pods.Stopped("busy").Count == 2;
            },
            Second
        );
        Silos.Pods.Started("busy").Count.ShouldBe(3);
    }

    [Fact]
    public async Task Confirmed_changes_survive_an_immediate_crash()
    {
        await Create("iris", "0-1");
        Value(await Silos.Deployment("iris").Update(new("Irises", null, new() { Gpu = 2 }, null), Anna, Token));
        var key = await CreateKey("iris");

        await Silos.Crash(() => Silos.Clock.Advance(Second));

        var view = await View("iris");
        view.Title.ShouldBe("Irises");
        view.Current.Configuration.Gpu.ShouldBe(2);
        (await Silos.Deployment("iris").GetRoute()).Keys.ShouldHaveSingleItem().Hash.ShouldBe(key.Hash);
        (await Silos.Deployment("iris").GetEvents())
            .Select(e => e.Kind)
            .ShouldBe([EventKind.KeyCreated, EventKind.Updated, EventKind.Created]);
    }

    [Fact]
    public async Task Deployment_whose_retention_ends_while_no_silo_runs_is_purged_after_the_start()
    {
        await CreateReady("iris", "1-1");
        var key = await CreateKey("iris");
        Value(await Silos.Deployment("iris").Delete(Anna, Token));
        await Silos.Until(() => Silos.Pods.Running("iris").Count == 0, Second);

        await Silos.Restart(() => Silos.Clock.Advance(TimeSpan.FromDays(4)));

        await Silos.Until(async () => await Silos.CountRows("OrleansStorage WHERE GrainTypeString <> 'administrator'") == 0, Second);
        (await Silos.CountRows("DeploymentIndex")).ShouldBe(0);
        (await Silos.CountRows("KeyIndex WHERE hash = @hash", ("@hash", key.Hash))).ShouldBe(0);
        Value(await Silos.Deployment("iris").Create(Draft(), Anna, Token));
    }

    [Fact]
    public async Task Route_of_a_later_activation_has_a_higher_version()
    {
        await CreateReady("iris", "1-1");
        var before = Silos.Gateways[0].Route("iris")!.Version;

        await Silos.Restart(() => Silos.Clock.Advance(Second));
        await Until("iris", view => view.Pods is [{ Phase: PodPhase.Ready }], Second);

        (await Silos.Deployment("iris").GetRoute()).Version.ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task Failure_survives_a_restart_with_its_last_lines()
    {
        await Create("iris", "1-1");
        await Silos.Until(() => Silos.Pods.Running("iris").Count == 1);
        Silos.Pods.SetFailed(Silos.Pods.Running("iris")[0].Name, PodReasons.Exited, "It ended.", 1, "no model");
        await Until("iris", DeploymentStatus.Failed);

        await Silos.Restart(() => Silos.Clock.Advance(Second));

        (await View("iris")).Failure.ShouldNotBeNull().LastLines.ShouldBe(["no model"]);
    }
}
