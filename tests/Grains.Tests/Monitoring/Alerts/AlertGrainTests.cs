using DeployCard.Client.Cluster;
using DeployCard.Client.Live;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Retention;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>Alerts of a deployment on two silos, with a fake clock.</summary>
public sealed class AlertGrainTests() : OwnSilosTest(new TestSilos { Settings = { ["Monitoring:ReportInterval"] = "00:00:01" } })
{
    private const string Iris = "iris";
    private static readonly DeploymentName Name = DeploymentName.Parse(Iris);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private long version;

    private IMonitorGrain Monitor => Silos.Grains.GetGrain<IMonitorGrain>(Iris);

    [Fact]
    public async Task Errors_on_one_silo_fire_after_five_minutes_and_add_events_for_start_and_end()
    {
        await Create(Iris);
        var began = Silos.Clock.GetUtcNow();
        await UntilFiring(() => Fail(silo: 1, 1, 8));

        var alert = (await Firing()).ShouldHaveSingleItem();
        (alert.Rule, alert.Severity, alert.Threshold).ShouldBe((AlertRule.ErrorRatio, AlertSeverity.Critical, 0.05));
        alert.Value.ShouldBe(1.0 / 9, 1e-6);
        (alert.Since - began).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(5));
        alert.Message.ShouldBe("Error ratio 11.11 % over 5 min, limit 5 %.");
        await Silos.Until(
            Events,
            events => events is [{ Kind: EventKind.AlertFiring, Message: "Error ratio 11.11 % over 5 min, limit 5 %." }]
        );
        (await Listed(true), await Listed(false)).ShouldBe((Iris, ""));

        // Without further errors, the alert resolves after its window and the keep-firing time.
        await Silos.Until(Firing, firing => firing.Count == 0, Step);
        (await Silos.Until(Events, events => events.Count == 2, Step))[0].Kind.ShouldBe(EventKind.AlertResolved);
        await Silos.Until(async () => await Silos.CountRows("DeploymentAlert") == 0);
        (await Listed(true), await Listed(false)).ShouldBe(("", Iris));
    }

    [Fact]
    public async Task Firing_alert_of_an_idle_deployment_keeps_its_start_after_a_crash_and_resolves()
    {
        await Create(Iris);
        await UntilFiring(() => Fail(silo: 0, 1, 0));
        await Silos.Until(Events, events => events.Count == 1);
        // Otherwise the event would be added a second time after the crash.
        await Silos.Until(async () => (await Silos.Service<IAlertStore>().Read([Name], Token))[Name].Notices.Count == 0);
        var since = (await Firing())[0].Since;

        await Silos.Crash();

        (await Firing()).ShouldHaveSingleItem().Since.ShouldBe(since);
        await Silos.Grains.GetGrain<IRetentionGrain>(0).WakeAll(isScheduled: false, Token);
        await Silos.Until(Firing, firing => firing.Count == 0, Step);
        (await Silos.Until(Events, events => events.Count == 2, Step))
            .Select(e => e.Kind)
            .ShouldBe([EventKind.AlertResolved, EventKind.AlertFiring]);
    }

    [Fact]
    public async Task Alert_keeps_firing_on_another_silo_when_the_silo_of_its_grain_is_killed()
    {
        await Create(Iris);
        await UntilFiring(() => Fail(silo: 0, 1, 0));
        var since = (await Firing())[0].Since;
        var home = await Silos.FindSilo(Monitor);

        await Silos.Cluster.KillSiloAsync(home, Token);
        await new GrainRetry(TimeProvider.System).Execute(Monitor.Wake, Token);

        (await Watched(views => views.Count == 1)).ShouldHaveSingleItem().Alerts.ShouldHaveSingleItem().Since.ShouldBe(since);
    }

    [Fact]
    public async Task Subscriber_receives_the_current_state_then_the_firing_then_the_resolved_alert()
    {
        await Create(Iris);
        var watching = Watched(views => views is [.., { Alerts.Count: 1 }, { Alerts.Count: 0 }]);

        await UntilFiring(() => Fail(silo: 0, 1, 0));
        await Silos.Until(() => watching.IsCompleted, Step);

        (await watching).Select(view => view.Alerts.Count).ShouldBe([0, 1, 0]);
    }

    [Fact]
    public async Task Deletion_of_a_deployment_removes_its_alerts_and_prevents_new_ones()
    {
        await Create(Iris);
        await UntilFiring(() => Fail(silo: 0, 1, 0));

        Value(await Silos.Deployment(Iris).Delete(Anna, Token));

        await Silos.Until(async () => await Silos.CountRows("DeploymentAlert") == 0, Step);
        for (var i = 0; i < 40; i++)
        {
            Fail(silo: 0, 1, 0);
            await Silos.AdvanceInSteps(TimeSpan.FromSeconds(15), steps: 3);
            (await Silos.CountRows("DeploymentAlert")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Repeated_pod_failures_fire_immediately()
    {
        await Create(Iris);
        Traffic(0).RecordPodCrashes(4);

        await Silos.Until(
            Firing,
            firing => firing is [{ Rule: AlertRule.CrashLoop, Value: 4, Message: "Pods failed 4 times within 15 min, limit 3." }],
            Step
        );
    }

    [Fact]
    public async Task Slow_cold_starts_fire_for_half_an_hour_also_after_a_restart()
    {
        await Create(Iris);
        await Report(bucket => bucket with { ColdStart = LatencyTests.Histogram([90_000_000]) });
        await Silos.Until(Firing, firing => firing is [{ Rule: AlertRule.ColdStart }], Step);
        var since = (await Firing())[0].Since;

        Silos.Clock.Advance(TimeSpan.FromMinutes(22));
        await Silos.Restart();
        await Monitor.Wake();
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(6));

        (await Firing()).ShouldHaveSingleItem().Since.ShouldBe(since);
        await Silos.Until(Firing, firing => firing.Count == 0, Step);
        (Silos.Clock.GetUtcNow() - since).ShouldBeInRange(TimeSpan.FromMinutes(33), TimeSpan.FromMinutes(38));
    }

    [Fact]
    public async Task Old_backlog_fires_an_alert()
    {
        await Create(Iris);

        const string Waited = "Oldest asynchronous call has waited 16 min 0 s for a pod, limit 15 min 0 s.";
        await Silos.Until(
            async () =>
            {
                await Report(bucket =>
                {
                    bucket.Counters[(int)TrafficCounter.AsyncOldestAge] = 16 * 60 * 1000;
                    return bucket;
                });
                return await Firing();
            },
            firing => firing is [{ Rule: AlertRule.BacklogAge } old] && old.Message == Waited,
            Step
        );
    }

    [Fact]
    public async Task Healthy_deployment_has_no_row_and_no_events()
    {
        await Create(Iris);
        for (var i = 0; i < 10; i++)
        {
            Fail(silo: i % 2, 0, 10);
            await Silos.AdvanceInSteps(TimeSpan.FromMinutes(1));
        }

        (await Silos.CountRows("DeploymentAlert")).ShouldBe(0);
        (await Events()).ShouldBeEmpty();
    }

    private DeploymentTraffic Traffic(int silo) =>
        Silos.Cluster.Silos[silo].ServiceProvider.GetRequiredService<TrafficRegistry>().For(Name);

    /// <summary>
    /// Reports the current minute like a silo. The silos of the test report every second of real time, in which the fake clock advances by
    /// more than a minute.
    /// </summary>
    private Task Report(Func<MinuteBucket, MinuteBucket> seen) =>
        Monitor.Report("test", [new("test", ++version, seen(Minutes.Bucket(MinuteBucket.ToMinute(Silos.Clock.GetUtcNow()))))]);

    private void Fail(int silo, int errors, int successes)
    {
        var traffic = Traffic(silo);
        for (var i = 0; i < errors; i++)
            traffic.RecordRequest(RequestClass.ServerError, TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < successes; i++)
            traffic.RecordRequest(RequestClass.Succeeded, TimeSpan.FromMilliseconds(10));
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
        [.. (await Silos.Deployment(Iris).GetEvents()).Where(e => e.Kind is EventKind.AlertFiring or EventKind.AlertResolved)];

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
                .ServiceProvider.GetRequiredService<ResumableStream>()
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
