using System.Collections.Concurrent;
using DeployCard.Client.Cluster;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Retention;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>The monitor grain on two silos: reports of both, restarts, crashes and expiry.</summary>
public sealed class MonitorGrainTests() : OwnSilosTest(new TestSilos { Settings = { ["Monitoring:ReportInterval"] = "00:00:01" } })
{
    private const string Iris = "iris";
    private static readonly TimeSpan Took = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private IMonitorGrain Monitor => Silos.Grains.GetGrain<IMonitorGrain>(Iris);

    [Fact]
    public async Task Counts_of_both_silos_are_added_and_never_doubled()
    {
        Serve(silo: 0, requests: 3);
        Serve(silo: 1, requests: 4);
        await Counted(7);

        Serve(silo: 0, requests: 1);
        await Counted(8);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(3));

        (await Succeeded()).ShouldBe(8);
    }

    [Fact]
    public async Task Graceful_restart_loses_nothing()
    {
        Serve(silo: 0, requests: 5);

        await Silos.Restart();

        (await Succeeded()).ShouldBe(5);
        Serve(silo: 0, requests: 2);
        await Counted(7);
    }

    [Fact]
    public async Task Stored_counts_survive_a_crash_and_new_counts_are_added()
    {
        Serve(silo: 0, requests: 5);
        await Counted(5);
        await Silos.Until(async () => await Silos.CountRows("MonitorBlock") > 0, Step);

        await Silos.Crash();

        (await Succeeded()).ShouldBe(5);
        Serve(silo: 0, requests: 1);
        await Counted(6);
    }

    [Fact]
    public async Task Surviving_silo_reports_unstored_counts_again_when_the_silo_of_the_grain_is_killed()
    {
        await Monitor.GetLatest(1);
        var home = await Silos.FindSilo(Monitor);
        var other = Silos.Cluster.Silos.First(silo => silo != home);
        Serve(other.ServiceProvider, 5);
        await Counted(5);

        await Silos.Cluster.KillSiloAsync(home, Token);

        await Silos.Until(async () => await Calls(Succeeded) == 5, Step);
    }

    [Fact]
    public async Task Minutes_are_kept_for_three_days_and_then_deleted_from_storage()
    {
        Serve(silo: 0, requests: 5);
        await Counted(5);
        await Silos.Until(async () => await Silos.CountRows("MonitorBlock") > 0, Step);

        Silos.Clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(10));
        (await Succeeded()).ShouldBe(5);

        Silos.Clock.Advance(TimeSpan.FromMinutes(45));
        (await Succeeded()).ShouldBe(0);
        await Silos.Grains.GetGrain<IRetentionGrain>(0).Sweep(Token);
        (await Silos.CountRows("MonitorBlock")).ShouldBe(0);
    }

    [Fact]
    public async Task Data_of_a_deleted_deployment_is_kept_until_the_deployment_is_purged()
    {
        await Create(Iris);
        Silos.Clock.Advance(TimeSpan.FromMinutes(1));
        Serve(silo: 0, requests: 5);
        Value(await Silos.Deployment(Iris).Delete(Anna, Token));
        await Counted(5);

        Silos.Clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(5));
        (await Succeeded()).ShouldBe(5);

        Silos.Clock.Advance(TimeSpan.FromMinutes(10));
        await Silos.Deployment(Iris).ExpireIfDue(Token);
        (await Silos.CountRows("MonitorBlock")).ShouldBe(0);
        (await Succeeded()).ShouldBe(0);
    }

    [Fact]
    public async Task Waiting_asynchronous_calls_are_counted_with_the_age_of_the_oldest()
    {
        await Create(Iris);
        Value(await Silos.Deployment(Iris).Stop(Anna, Token));
        await AcceptCall(Iris);
        await AcceptCall(Iris);

        await Silos.Until(
            async () =>
                (await Latest()) is { } point
                && point.Any(p => p.Get(TrafficCounter.AsyncBacklog) >= 2 && p.Get(TrafficCounter.AsyncOldestAge) >= 1000),
            Step
        );
    }

    [Fact]
    public async Task Subscriber_receives_the_current_state_and_then_newer_ones()
    {
        Serve(silo: 0, requests: 1);
        await Counted(1);
        var seen = new ConcurrentQueue<MonitorView>();
        var watching = Task.Run(
            async () =>
            {
                await foreach (var view in Monitor.Watch(15, Token))
                {
                    seen.Enqueue(view);
                    if (Total(view) == 3)
                        return;
                }
            },
            Token
        );
        await Silos.Until(() => !seen.IsEmpty);

        Serve(silo: 1, requests: 2);
        await Silos.Until(() => watching.IsCompleted, Step);

        await watching;
        seen.ShouldAllBe(view => view.Points.Count == 15);
        Total(seen.First()).ShouldBe(1);
    }

    [Fact]
    public async Task Idle_deployment_activates_no_monitor_grain()
    {
        await Create(Iris);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(2));

        (await Silos.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(Monitor, Token)).ShouldBeNull();
        (await Silos.CountRows("MonitorBlock")).ShouldBe(0);
    }

    private void Serve(int silo, int requests) => Serve(Silos.Cluster.Silos[silo].ServiceProvider, requests);

    private static void Serve(IServiceProvider silo, int requests)
    {
        var traffic = silo.GetRequiredService<TrafficRegistry>().For(DeploymentName.Parse(Iris));
        for (var i = 0; i < requests; i++)
            traffic.RecordRequest(RequestClass.Succeeded, Took);
    }

    private static long Total(MonitorView view) => view.Points.Sum(point => point.Get(TrafficCounter.Succeeded));

    private Task Counted(long requests) => Silos.Until(Succeeded, seen => seen == requests, Step);

    private async Task<long> Succeeded()
    {
        var now = Silos.Clock.GetUtcNow();
        var view = Value(await Monitor.Query(new(now.AddDays(-3), now.AddMinutes(1), TimeSpan.FromMinutes(60))));
        return Total(view);
    }

    private async Task<IReadOnlyList<MonitorPoint>> Latest() => (await Monitor.GetLatest(15)).Points;

    private static Task<T> Calls<T>(Func<Task<T>> call) => new GrainRetry(TimeProvider.System).Execute(call, Token);
}
