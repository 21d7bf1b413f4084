using System.Collections.Concurrent;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Retention;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>The monitor grain on two silos: told by both, restarted, killed, and gone at last.</summary>
public sealed class MonitorGrainTests : SiloTest, IAsyncLifetime
{
    private const string Iris = "iris";
    private static readonly TimeSpan Took = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    public MonitorGrainTests()
        : base(new TestSilos()) { }

    private IMonitorGrain Monitor => Silos.Grains.GetGrain<IMonitorGrain>(Iris);

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task Both_silos_counts_are_added_and_never_doubled()
    {
        Serve(silo: 0, requests: 3);
        Serve(silo: 1, requests: 4);
        await Counted(7);

        Serve(silo: 0, requests: 1);
        await Counted(8);
        await Silos.Pass(TimeSpan.FromMinutes(3));

        (await Succeeded()).ShouldBe(8);
    }

    [Fact]
    public async Task A_restart_in_order_loses_nothing()
    {
        Serve(silo: 0, requests: 5);

        await Silos.Restart();

        (await Succeeded()).ShouldBe(5);
        Serve(silo: 0, requests: 2);
        await Counted(7);
    }

    [Fact]
    public async Task After_a_crash_what_was_stored_is_there_and_what_comes_is_added()
    {
        Serve(silo: 0, requests: 5);
        await Counted(5);
        await Silos.Until(async () => await Silos.Count("MonitorBlock") > 0, Step);

        await Silos.Crash();

        (await Succeeded()).ShouldBe(5);
        Serve(silo: 0, requests: 1);
        await Counted(6);
    }

    [Fact]
    public async Task When_the_grains_silo_is_killed_the_other_one_tells_again_what_was_not_stored()
    {
        await Monitor.Latest(1);
        var home = await Silos.SiloOf(Monitor);
        var other = Silos.Cluster.Silos.First(silo => silo != home);
        Serve(other.ServiceProvider, 5);
        await Counted(5);

        await Silos.Cluster.KillSiloAsync(home, Token);

        await Silos.Until(async () => await Calls(Succeeded) == 5, Step);
    }

    [Fact]
    public async Task Minutes_are_kept_for_three_days_and_then_gone_also_from_storage()
    {
        Serve(silo: 0, requests: 5);
        await Counted(5);
        await Silos.Until(async () => await Silos.Count("MonitorBlock") > 0, Step);

        Silos.Clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(10));
        (await Succeeded()).ShouldBe(5);

        Silos.Clock.Advance(TimeSpan.FromMinutes(45));
        (await Succeeded()).ShouldBe(0);
        await Silos.Grains.GetGrain<IRetentionGrain>(0).Sweep(Token);
        (await Silos.Count("MonitorBlock")).ShouldBe(0);
    }

    [Fact]
    public async Task A_deleted_deployments_is_there_until_the_deployment_is_gone()
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
        (await Silos.Count("MonitorBlock")).ShouldBe(0);
        (await Succeeded()).ShouldBe(0);
    }

    [Fact]
    public async Task Asynchronous_calls_that_wait_are_seen_with_the_age_of_the_oldest()
    {
        await Create(Iris);
        Value(await Silos.Deployment(Iris).Stop(Anna, Token));
        await Accept(Iris);
        await Accept(Iris);

        await Silos.Until(
            async () =>
                (await Latest()) is { } point && point.Any(p => p.Of(Figure.AsyncBacklog) >= 2 && p.Of(Figure.AsyncOldestAge) >= 1000),
            Step
        );
    }

    [Fact]
    public async Task Who_watches_sees_the_present_state_and_then_each_newer_one()
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
    public async Task A_deployment_that_nobody_uses_wakes_no_monitor()
    {
        await Create(Iris);
        await Silos.Pass(TimeSpan.FromMinutes(2));

        (await Silos.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(Monitor, Token)).ShouldBeNull();
        (await Silos.Count("MonitorBlock")).ShouldBe(0);
    }

    private void Serve(int silo, int requests) => Serve(Silos.Cluster.Silos[silo].ServiceProvider, requests);

    private static void Serve(IServiceProvider silo, int requests)
    {
        var traffic = silo.GetRequiredService<TrafficBook>().Of(DeploymentName.Parse(Iris));
        for (var i = 0; i < requests; i++)
            traffic.Ended(RequestClass.Succeeded, Took);
    }

    private static long Total(MonitorView view) => view.Points.Sum(point => point.Of(Figure.Succeeded));

    private Task Counted(long requests) => Silos.Until(Succeeded, seen => seen == requests, Step);

    private async Task<long> Succeeded()
    {
        var now = Silos.Clock.GetUtcNow();
        var view = Value(await Monitor.Query(new(now.AddDays(-3), now.AddMinutes(1), TimeSpan.FromMinutes(60))));
        return Total(view);
    }

    private async Task<IReadOnlyList<MonitorPoint>> Latest() => (await Monitor.Latest(15)).Points;

    private static Task<T> Calls<T>(Func<Task<T>> call) => new RepeatableCalls(TimeProvider.System).Make(call, Token);
}
