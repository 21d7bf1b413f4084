using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>What a silo counts, and what it has to tell when.</summary>
public sealed class DeploymentTrafficTests
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");
    private static readonly TimeSpan Took = TimeSpan.FromMilliseconds(10);
    private readonly FakeTimeProvider time = new(new(2030, 1, 1, 0, 0, 30, TimeSpan.Zero));
    private readonly TrafficBook book;

    public DeploymentTrafficTests() => book = new(time);

    private DeploymentTraffic Traffic => book.Of(Iris);

    [Fact]
    public void A_deployment_at_rest_has_nothing_to_tell_and_is_asked_nothing()
    {
        Traffic.Has(0, 0);
        Traffic.Queues(0, TimeSpan.FromDays(1));
        Traffic.Crashed(0);

        book.TryTakeBusy(out _).ShouldBeFalse();
        Traffic.Collect("a").ShouldBeEmpty();
    }

    [Fact]
    public void Each_kind_is_counted_apart()
    {
        foreach (
            var (of, count) in new[]
            {
                (RequestClass.Succeeded, 1),
                (RequestClass.ClientError, 2),
                (RequestClass.ServerError, 3),
                (RequestClass.Rejected, 4),
                (RequestClass.Failed, 5),
                (RequestClass.Canceled, 6),
            }
        )
        {
            for (var i = 0; i < count; i++)
                Traffic.Ended(of, Took);
        }

        Traffic.Moved(100, 2000);
        Traffic.StartedCold(TimeSpan.FromSeconds(1));
        Traffic.Accepted();
        Traffic.Attempted(hasFailed: true, Took);
        Traffic.Attempted(hasFailed: false, Took);
        Traffic.Has(7, 8);
        Traffic.Has(2, 3);
        Traffic.Queues(5, TimeSpan.FromSeconds(2));
        Traffic.Crashed(9);
        Traffic.TurnedAway();

        var bucket = Traffic.Collect("a").ShouldHaveSingleItem().Bucket;

        bucket.Figures.ShouldBe([1, 2, 3, 4, 5, 6, 1, 100, 2000, 7, 8, 1, 2, 1, 5, 2000, 9, 1]);
        Count(bucket.Latency).ShouldBe(1 + 2 + 3 + 5);
        Count(bucket.AsyncLatency).ShouldBe(2);
        Count(bucket.ColdStart!).ShouldBe(1);
    }

    [Fact]
    public void What_has_not_changed_is_told_once_and_what_has_is_told_as_a_whole()
    {
        Traffic.Ended(RequestClass.Succeeded, Took);
        var first = Traffic.Collect("a").ShouldHaveSingleItem();
        Traffic.Confirm(new(first.Version, 0)).ShouldBeTrue();
        Traffic.Collect("a").ShouldBeEmpty();

        Traffic.Ended(RequestClass.Succeeded, Took);
        var second = Traffic.Collect("a").ShouldHaveSingleItem();

        second.Version.ShouldBeGreaterThan(first.Version);
        second.Bucket.Figures[0].ShouldBe(2);
    }

    [Fact]
    public void What_the_grain_has_lost_is_told_again_until_it_is_stored()
    {
        Traffic.Ended(RequestClass.Succeeded, Took);
        var told = Traffic.Collect("a").ShouldHaveSingleItem();
        Traffic.Confirm(new(told.Version, 0));
        time.Advance(TimeSpan.FromMinutes(2));
        Traffic.Collect("a").ShouldBeEmpty();

        // It came up elsewhere and knows nothing.
        Traffic.Confirm(new(0, 0)).ShouldBeTrue();
        Traffic.Collect("a").ShouldHaveSingleItem().ShouldBe(told);

        Traffic.Confirm(new(told.Version, told.Version)).ShouldBeFalse();
        Traffic.Collect("a").ShouldBeEmpty();
    }

    [Fact]
    public void While_nothing_can_be_told_only_the_last_minutes_are_kept()
    {
        for (var i = 0; i < 40; i++)
        {
            Traffic.Ended(RequestClass.Succeeded, Took);
            Traffic.Collect("a");
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Traffic.Collect("a").Count.ShouldBe(MonitorLedger.OpenMinutes);
    }

    [Fact]
    public void A_clock_that_is_set_back_takes_nothing_away()
    {
        Traffic.Ended(RequestClass.Succeeded, Took);
        Traffic.Ended(RequestClass.Succeeded, Took);
        var minute = MinuteBucket.MinuteOf(time.GetUtcNow());
        time.Advance(TimeSpan.FromMinutes(2));
        Traffic.Collect("a");
        time.AdjustTime(time.GetUtcNow().AddMinutes(-2));

        Traffic.Ended(RequestClass.Succeeded, Took);

        var parts = Traffic.Collect("a");
        parts.Select(part => (part.Bucket.Minute, part.Bucket.Figures[0])).ShouldBe([(minute, 2), (minute + 1, 1)]);
    }

    [Fact]
    public async Task However_many_count_at_once_nothing_is_lost()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        for (var i = 0; i < 10_000; i++)
                        {
                            Traffic.Ended(RequestClass.Succeeded, TimeSpan.FromMicroseconds(i));
                            if (i % 100 == 0)
                                Traffic.Collect("a");
                        }
                    })
                )
        );

        var bucket = Traffic.Collect("a").ShouldHaveSingleItem().Bucket;
        bucket.Figures[0].ShouldBe(40_000);
        Count(bucket.Latency).ShouldBe(40_000);
        book.TryTakeBusy(out _).ShouldBeTrue();
        book.TryTakeBusy(out _).ShouldBeFalse();
    }

    [Fact]
    public void To_count_takes_no_memory()
    {
        var warm = Traffic;
        Count(warm, 1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Count(warm, 10_000);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Measurements_of_a_pod_are_added_up()
    {
        Traffic.Uses(new PodUsage(Iris, new PodName("p"), false, null, 100));
        Traffic.Uses(new PodUsage(Iris, new PodName("p"), true, 0.5, 300));
        Traffic.Uses(new PodUsage(Iris, new PodName("p"), true, 1.5, 200));

        Traffic.Collect("a").Single().Bucket.Pods.ShouldBe([new(new PodName("p"), true, 2, 2000, 1500, 300)]);
    }

    private static void Count(DeploymentTraffic traffic, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            traffic.Ended(RequestClass.Succeeded, TimeSpan.FromMicroseconds(i));
            traffic.Moved(10, 10);
        }
    }

    private static long Count(LatencyHistogram histogram)
    {
        var bins = new long[LatencyBins.Count];
        histogram.AddTo(bins);
        return bins.Sum();
    }
}
