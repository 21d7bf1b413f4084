using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Monitoring.Alerts;
using DeployCard.Grains.Retention;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>Alerts of a deployment on two silos, with a clock that the test moves.</summary>
public sealed class AlertGrainTests : SiloTest, IAsyncLifetime
{
    private const string Iris = "iris";
    private static readonly DeploymentName Name = DeploymentName.Parse(Iris);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    public AlertGrainTests()
        : base(new TestSilos()) { }

    private long version;

    private IMonitorGrain Monitor => Silos.Grains.GetGrain<IMonitorGrain>(Iris);

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task Errors_on_either_silo_fire_after_five_minutes_and_the_events_tell_it_and_its_end()
    {
        await Create(Iris);
        var began = Silos.Clock.GetUtcNow();
        await UntilFiring(() => Fail(silo: 1, 1, 8));

        var alert = (await Firing()).ShouldHaveSingleItem();
        (alert.Rule, alert.Severity, alert.Limit).ShouldBe((AlertRule.ErrorRatio, AlertSeverity.Critical, 0.05));
        alert.Value.ShouldBe(1.0 / 9, 1e-6);
        (alert.Since - began).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(5));
        alert.Message.ShouldBe("Error ratio 11.11 % over 5 min, limit 5 %.");
        await Silos.Until(
            Events,
            events => events is [{ Kind: EventKind.AlertFiring, Message: "Error ratio 11.11 % over 5 min, limit 5 %." }]
        );
        (await Listed(true), await Listed(false)).ShouldBe((Iris, ""));

        // It comes to rest: within the window and the while after it, it is over.
        await Silos.Until(Firing, firing => firing.Count == 0, Step);
        (await Silos.Until(Events, events => events.Count == 2, Step))[0].Kind.ShouldBe(EventKind.AlertResolved);
        await Silos.Until(async () => await Silos.Count("DeploymentAlert") == 0);
        (await Listed(true), await Listed(false)).ShouldBe(("", Iris));
    }

    [Fact]
    public async Task It_fires_since_the_same_time_after_a_crash_though_nobody_uses_the_deployment()
    {
        await Create(Iris);
        await UntilFiring(() => Fail(silo: 0, 1, 0));
        await Silos.Until(Events, events => events.Count == 1);
        // Else it is told once more after the crash.
        await Silos.Until(async () => (await Silos.Service<IAlertStore>().Read([Name], Token))[Name].Notices.Count == 0);
        var since = (await Firing())[0].Since;

        await Silos.Crash();

        (await Firing()).ShouldHaveSingleItem().Since.ShouldBe(since);
        await Silos.Grains.GetGrain<IRetentionGrain>(0).WakeAll(isUsual: false, Token);
        await Silos.Until(Firing, firing => firing.Count == 0, Step);
        (await Silos.Until(Events, events => events.Count == 2, Step))
            .Select(e => e.Kind)
            .ShouldBe([EventKind.AlertResolved, EventKind.AlertFiring]);
    }

    [Fact]
    public async Task It_goes_on_where_the_grain_is_next_when_its_silo_is_killed()
    {
        await Create(Iris);
        await UntilFiring(() => Fail(silo: 0, 1, 0));
        var since = (await Firing())[0].Since;
        var home = await Silos.SiloOf(Monitor);

        await Silos.Cluster.KillSiloAsync(home, Token);
        await new RepeatableCalls(TimeProvider.System).Make(Monitor.Wake, Token);

        (await Watched(views => views.Count == 1)).ShouldHaveSingleItem().Alerts.ShouldHaveSingleItem().Since.ShouldBe(since);
    }

    [Fact]
    public async Task Who_watches_sees_the_present_state_then_that_it_fires_then_that_it_is_over()
    {
        await Create(Iris);
        var watching = Watched(views => views is [.., { Alerts.Count: 1 }, { Alerts.Count: 0 }]);

        await UntilFiring(() => Fail(silo: 0, 1, 0));
        await Silos.Until(() => watching.IsCompleted, Step);

        (await watching).Select(view => view.Alerts.Count).ShouldBe([0, 1, 0]);
    }

    [Fact]
    public async Task A_deleted_deployment_has_none_and_gets_none()
    {
        await Create(Iris);
        await UntilFiring(() => Fail(silo: 0, 1, 0));

        Value(await Silos.Deployment(Iris).Delete(Anna, Token));

        await Silos.Until(async () => await Silos.Count("DeploymentAlert") == 0, Step);
        for (var i = 0; i < 40; i++)
        {
            Fail(silo: 0, 1, 0);
            await Silos.Pass(TimeSpan.FromSeconds(15), steps: 3);
            (await Silos.Count("DeploymentAlert")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Pods_that_fail_again_and_again_fire_at_once()
    {
        await Create(Iris);
        Traffic(0).Crashed(4);

        await Silos.Until(
            Firing,
            firing => firing is [{ Rule: AlertRule.CrashLoop, Value: 4, Message: "Pods failed 4 times within 15 min, limit 3." }],
            Step
        );
    }

    [Fact]
    public async Task Slow_first_requests_fire_for_half_an_hour_also_after_a_restart()
    {
        await Create(Iris);
        await Tell(bucket => bucket with { ColdStart = LatencyTests.Histogram([90_000_000]) });
        await Silos.Until(Firing, firing => firing is [{ Rule: AlertRule.ColdStart }], Step);
        var since = (await Firing())[0].Since;

        Silos.Clock.Advance(TimeSpan.FromMinutes(22));
        await Silos.Restart();
        await Monitor.Wake();
        await Silos.Pass(TimeSpan.FromMinutes(6));

        (await Firing()).ShouldHaveSingleItem().Since.ShouldBe(since);
        await Silos.Until(Firing, firing => firing.Count == 0, Step);
        (Silos.Clock.GetUtcNow() - since).ShouldBeInRange(TimeSpan.FromMinutes(33), TimeSpan.FromMinutes(38));
    }

    [Fact]
    public async Task An_old_backlog_fires()
    {
        await Create(Iris);

        const string Waited = "An asynchronous call has waited for a pod for 16 min 0 s, limit 15 min 0 s.";
        await Silos.Until(
            async () =>
            {
                await Tell(bucket =>
                {
                    bucket.Figures[(int)Figure.AsyncOldestAge] = 16 * 60 * 1000;
                    return bucket;
                });
                return await Firing();
            },
            firing => firing is [{ Rule: AlertRule.BacklogAge } old] && old.Message == Waited,
            Step
        );
    }

    [Fact]
    public async Task A_deployment_that_is_well_has_no_row_and_writes_none()
    {
        await Create(Iris);
        for (var i = 0; i < 10; i++)
        {
            Fail(silo: i % 2, 0, 10);
            await Silos.Pass(TimeSpan.FromMinutes(1));
        }

        (await Silos.Count("DeploymentAlert")).ShouldBe(0);
        (await Events()).ShouldBeEmpty();
    }

    private DeploymentTraffic Traffic(int silo) => Silos.Cluster.Silos[silo].ServiceProvider.GetRequiredService<TrafficBook>().Of(Name);

    /// <summary>As a silo does: those of the test do it every few seconds of real time, in which the clock goes on by minutes.</summary>
    private Task Tell(Func<MinuteBucket, MinuteBucket> seen) =>
        Monitor.Report("told", [new("told", ++version, seen(Minutes.Bucket(MinuteBucket.MinuteOf(Silos.Clock.GetUtcNow()))))]);

    private void Fail(int silo, int errors, int successes)
    {
        var traffic = Traffic(silo);
        for (var i = 0; i < errors; i++)
            traffic.Ended(RequestClass.ServerError, TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < successes; i++)
            traffic.Ended(RequestClass.Succeeded, TimeSpan.FromMilliseconds(10));
    }

    private Task UntilFiring(Action each) =>
        Silos.Until(
            async () =>
            {
                each();
                return await Firing();
            },
            firing => firing.Count == 1,
            Step
        );

    private async Task<IReadOnlyList<AlertView>> Firing() =>
        (await Silos.Service<IAlertStore>().Read([Name], Token)).TryGetValue(Name, out var stored) ? stored.ToView().Alerts : [];

    private async Task<IReadOnlyList<DeploymentEvent>> Events() =>
        [.. (await Silos.Deployment(Iris).Events()).Where(e => e.Kind is EventKind.AlertFiring or EventKind.AlertResolved)];

    private async Task<string> Listed(bool hasAlerts) =>
        string.Join(
            ' ',
            (await Silos.Service<IDeploymentStore>().List(new(HasAlerts: hasAlerts), DeploymentOrder.Name, new(50), Token)).Items.Select(
                item => item.Item.Name.Value
            )
        );

    private async Task<IReadOnlyList<FiringAlerts>> Watched(Func<List<FiringAlerts>, bool> isEnough)
    {
        var seen = new List<FiringAlerts>();
        await foreach (
            var view in Silos
                .Cluster.Silos.First(silo => silo.IsActive)
                .ServiceProvider.GetRequiredService<ResumedFeed>()
                .ReadStates(Monitor.WatchAlerts, Token)
        )
        {
            seen.Add(view);
            if (isEnough(seen))
                break;
        }

        return seen;
    }
}
