using System.Diagnostics;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Pods;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class DeploymentScalingTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly ConfigurationInput Quick = new() { IdleTimeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Waiting_request_starts_exactly_one_pod()
    {
        var name = NewName();
        await Create(name, "0-3");
        await Until(name, DeploymentStatus.Idle);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ReportWaiting(name, gateway: i % 2)));
        await Until(name, DeploymentStatus.Starting);
        for (var i = 0; i < 5; i++)
        {
            await ReportWaiting(name);
            await Silos.AdvanceInSteps(Second * 2, steps: 2);
        }

        Silos.Pods.Started(name).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Requests_beyond_the_capacity_start_more_pods_up_to_the_range()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-3", new() { Concurrency = 2 });

        await ReportWaiting(name, waiting: 4);
        await Until(name, view => view.Pods.Count == 2);
        await ReportWaiting(name, waiting: 50);

        await Until(name, view => view.Pods.Count == 3);
        await Silos.AdvanceInSteps(Second * 5);
        Silos.Pods.Started(name).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Stopped_pod_may_finish_its_requests_within_its_grace_period()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-1", new() { TerminationGracePeriod = Second })).Pods[0].Name;
        Silos.Gateways[1].SetInFlight(pod, 1);
        var started = Stopwatch.GetTimestamp();
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        (await View(name)).Pods.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Draining);

        await Silos.Until(() => Silos.Pods.Stopped(name).Count == 1);
        Stopwatch.GetElapsedTime(started).ShouldBeGreaterThan(Second * 0.95);
    }

    [Fact]
    public async Task Scaling_to_zero_clears_the_log_and_keeps_the_pod_in_the_history()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "0-1", Quick);
        await ReportWaiting(name);
        var pod = (await Until(name, DeploymentStatus.Ready)).Pods[0].Name;
        Silos.Pods.Write(pod, "hello");
        await Silos.Until(async () => (await Lines(name)).Count == 1);

        await Until(name, DeploymentStatus.Idle, Second);

        await Silos.Until(async () => (await Lines(name)).Count == 0, Second);
        (await Silos.Deployment(name).GetPods()).ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ended);
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e => e.Kind == EventKind.PodStopped);
    }

    [Fact]
    public async Task Evicted_pod_is_replaced_and_the_event_has_the_reason()
    {
        var name = NewName();
        Silos.Pods.ReadyImmediately(name);
        await Create(name, "1-1", Quick);
        var pod = (await Until(name, DeploymentStatus.Ready)).Pods[0].Name;

        Silos.Pods.Evict(pod, "EvictionByEvictionAPI");

        await Silos.Until(() => Silos.Pods.Running(name) is [var other] && other.Name != pod);
        await Silos.Until(async () =>
            (await Silos.Deployment(name).GetEvents()).Any(e => e.Message == $"Pod {pod} exited with code 0 (EvictionByEvictionAPI).")
        );
    }

    [Fact]
    public async Task Log_shows_the_pod_that_a_request_starts_from_zero()
    {
        var name = NewName();
        await Create(name, "0-1", Quick);
        (await Lines(name)).ShouldBeEmpty();

        await ReportWaiting(name);
        await Silos.Until(() => Silos.Pods.Running(name).Count == 1);
        Silos.Pods.Write(Silos.Pods.Running(name)[0].Name, "loading");

        await Silos.Until(async () => (await Lines(name)).Count == 1);
        (await View(name)).Status.ShouldBe(DeploymentStatus.Starting);
    }

    [Fact]
    public async Task Scaling_to_zero_keeps_the_log_of_a_failure()
    {
        var name = NewName();
        await Create(name, "0-1", Quick);
        await ReportWaiting(name);
        await Silos.Until(() => Silos.Pods.Running(name).Count == 1);
        var pod = Silos.Pods.Running(name)[0].Name;
        Silos.Pods.Write(pod, "no model");
        Silos.Pods.SetFailed(pod, PodReasons.Exited, "It ended.", 1, "no model");
        await Until(name, DeploymentStatus.Failed);

        await Silos.Until(async () => (await Silos.Deployment(name).GetEvents()).Any(e => e.Kind == EventKind.PodStopped), Second);

        await Silos.AdvanceInSteps(Second * 5);
        (await Lines(name)).ShouldHaveSingleItem().Text.ShouldBe("no model");
        (await View(name)).Status.ShouldBe(DeploymentStatus.Failed);
    }

    [Fact]
    public async Task Minimum_number_of_pods_is_kept_without_requests()
    {
        var name = NewName();
        await CreateReady(name, "2-3", Quick);
        await Until(name, view => view.Pods.Count(p => p.Phase is PodPhase.Ready) == 2);

        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(5));

        Silos.Pods.Running(name).Count.ShouldBe(2);
        Silos.Pods.Started(name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Pod_that_disappears_is_replaced()
    {
        var name = NewName();
        var pod = (await CreateReady(name, "1-1")).Pods[0].Name;

        Silos.Pods.End(pod);

        await Until(name, view => view.Pods is [{ Phase: PodPhase.Ready } other] && other.Name != pod);
    }

    [Fact]
    public async Task Pods_start_after_the_platform_becomes_available_again()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Silos.Pods.StartFailure = new HttpRequestException("The platform is unavailable.");
        try
        {
            Value(await Silos.Deployment(name).Update(new(null, null, new() { Pods = "2-2" }, null), Anna, Token))
                .Revisions.Count.ShouldBe(2);
            await Silos.AdvanceInSteps(Second * 6);
        }
        finally
        {
            Silos.Pods.StartFailure = null;
        }

        await Until(name, view => view.Pods.Count(p => p is { Phase: PodPhase.Ready, Revision: 2 }) == 2, Second);
    }

    private Task<IReadOnlyList<LogLine>> Lines(string name) => Silos.Grains.GetGrain<ILogGrain>(name).Read(new());
}
