using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>The counts of a silo, and the reports that it must still send.</summary>
public sealed class DeploymentTrafficTests
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");
    private static readonly TimeSpan Took = TimeSpan.FromMilliseconds(10);
    private readonly FakeTimeProvider time = new(new(2030, 1, 1, 0, 0, 30, TimeSpan.Zero));
    private readonly TrafficRegistry registry;

    public DeploymentTrafficTests() => registry = new(time);

    private DeploymentTraffic Traffic => registry.For(Iris);

    [Fact]
    public void Idle_deployment_is_not_active_and_has_nothing_to_report()
    {
        Traffic.RecordLoad(0, 0);
        Traffic.RecordAsyncBacklog(0, TimeSpan.FromDays(1));
        Traffic.RecordPodCrashes(0);

        registry.TryDequeueActive(out _).ShouldBeFalse();
        Traffic.Collect("a").ShouldBeEmpty();
    }

    [Fact]
    public void Each_kind_of_event_has_a_separate_counter()
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
                Traffic.RecordRequest(of, Took);
        }

        Traffic.RecordBytes(100, 2000);
        Traffic.RecordColdStart(TimeSpan.FromSeconds(1));
        Traffic.RecordAsyncAccepted();
        Traffic.RecordAsyncAttempt(hasFailed: true, Took);
        Traffic.RecordAsyncAttempt(hasFailed: false, Took);
        Traffic.RecordLoad(7, 8);
        Traffic.RecordLoad(2, 3);
        Traffic.RecordAsyncBacklog(5, TimeSpan.FromSeconds(2));
        Traffic.RecordPodCrashes(9);
        Traffic.RecordCapacityRejection();

        var bucket = Traffic.Collect("a").ShouldHaveSingleItem().Bucket;

        bucket.Counters.ShouldBe([1, 2, 3, 4, 5, 6, 1, 100, 2000, 7, 8, 1, 2, 1, 5, 2000, 9, 1]);
        Count(bucket.Latency).ShouldBe(1 + 2 + 3 + 5);
        Count(bucket.AsyncLatency).ShouldBe(2);
        Count(bucket.ColdStart!).ShouldBe(1);
    }

    [Fact]
    public void Unchanged_minute_is_reported_once_and_a_changed_minute_in_full()
    {
        Traffic.RecordRequest(RequestClass.Succeeded, Took);
        var first = Traffic.Collect("a").ShouldHaveSingleItem();
        Traffic.Acknowledge(new(first.Version, 0)).ShouldBeTrue();
        Traffic.Collect("a").ShouldBeEmpty();

        Traffic.RecordRequest(RequestClass.Succeeded, Took);
        var second = Traffic.Collect("a").ShouldHaveSingleItem();

        second.Version.ShouldBeGreaterThan(first.Version);
        second.Bucket.Counters[0].ShouldBe(2);
    }

    [Fact]
    public void Minute_lost_by_the_grain_is_reported_again_until_it_is_stored()
    {
        Traffic.RecordRequest(RequestClass.Succeeded, Took);
        var reported = Traffic.Collect("a").ShouldHaveSingleItem();
        Traffic.Acknowledge(new(reported.Version, 0));
        time.Advance(TimeSpan.FromMinutes(2));
        Traffic.Collect("a").ShouldBeEmpty();

        // The grain was activated on another silo and has no data of this source.
        Traffic.Acknowledge(new(0, 0)).ShouldBeTrue();
        Traffic.Collect("a").ShouldHaveSingleItem().ShouldBe(reported);

        Traffic.Acknowledge(new(reported.Version, reported.Version)).ShouldBeFalse();
        Traffic.Collect("a").ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_last_minutes_are_kept_while_reports_fail()
    {
        for (var i = 0; i < 40; i++)
        {
            Traffic.RecordRequest(RequestClass.Succeeded, Took);
            Traffic.Collect("a");
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Traffic.Collect("a").Count.ShouldBe(MinutePart.OpenMinutes);
    }

    [Fact]
    public void Clock_set_back_loses_no_counts()
    {
        Traffic.RecordRequest(RequestClass.Succeeded, Took);
        Traffic.RecordRequest(RequestClass.Succeeded, Took);
        var minute = MinuteBucket.ToMinute(time.GetUtcNow());
        time.Advance(TimeSpan.FromMinutes(2));
        Traffic.Collect("a");
        time.AdjustTime(time.GetUtcNow().AddMinutes(-2));

        Traffic.RecordRequest(RequestClass.Succeeded, Took);

        var parts = Traffic.Collect("a");
        parts.Select(part => (part.Bucket.Minute, part.Bucket.Counters[0])).ShouldBe([(minute, 2), (minute + 1, 1)]);
    }

    [Fact]
    public async Task Concurrent_counting_loses_nothing()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        for (var i = 0; i < 10_000; i++)
                        {
                            Traffic.RecordRequest(RequestClass.Succeeded, TimeSpan.FromMicroseconds(i));
                            if (i % 100 == 0)
                                Traffic.Collect("a");
                        }
                    })
                )
        );

        var bucket = Traffic.Collect("a").ShouldHaveSingleItem().Bucket;
        bucket.Counters[0].ShouldBe(40_000);
        Count(bucket.Latency).ShouldBe(40_000);
        registry.TryDequeueActive(out _).ShouldBeTrue();
        registry.TryDequeueActive(out _).ShouldBeFalse();
    }

    [Fact]
    public void Counting_allocates_no_memory()
    {
        var warm = Traffic;
        Count(warm, 1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Count(warm, 10_000);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Measurements_of_a_pod_are_combined()
    {
        Traffic.RecordPodUsage(new PodUsage(Iris, new PodName("p"), false, null, 100));
        Traffic.RecordPodUsage(new PodUsage(Iris, new PodName("p"), true, 0.5, 300));
        Traffic.RecordPodUsage(new PodUsage(Iris, new PodName("p"), true, 1.5, 200));

        Traffic.Collect("a").Single().Bucket.Pods.ShouldBe([new(new PodName("p"), true, 2, 2000, 1500, 300)]);
    }

    private static void Count(DeploymentTraffic traffic, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            traffic.RecordRequest(RequestClass.Succeeded, TimeSpan.FromMicroseconds(i));
            traffic.RecordBytes(10, 10);
        }
    }

    private static long Count(LatencyHistogram histogram)
    {
        var bins = new long[LatencyBins.Count];
        histogram.AddTo(bins);
        return bins.Sum();
    }
}
