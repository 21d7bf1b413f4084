using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Domain.Monitoring.Alerts;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>The value of each alert rule.</summary>
public sealed class AlertValueTests
{
    private const long Now = 30_000_000;

    [Theory]
    [InlineData(AlertRule.ErrorRatio, 5, 0.1)]
    [InlineData(AlertRule.CrashLoop, 15, 7)]
    [InlineData(AlertRule.BacklogAge, 2, 900.5)]
    [InlineData(AlertRule.CapacityRejections, 5, 0.2)]
    public void Counts_of_several_minutes_and_silos_are_added_and_the_highest_age_is_used(AlertRule rule, int window, double expected)
    {
        MinuteBucket[] seen =
        [
            Minutes.Bucket(
                Now - 1,
                (TrafficCounter.Succeeded, 85),
                (TrafficCounter.ServerErrors, 3),
                (TrafficCounter.PodCrashes, 3),
                (TrafficCounter.AsyncOldestAge, 900_500),
                (TrafficCounter.RejectedForCapacity, 20)
            ),
            Minutes.Bucket(
                Now,
                (TrafficCounter.Failed, 7),
                (TrafficCounter.Rejected, 3),
                (TrafficCounter.Canceled, 1),
                (TrafficCounter.ClientErrors, 1),
                (TrafficCounter.PodCrashes, 4),
                (TrafficCounter.AsyncOldestAge, 800_000)
            ),
            Minutes.Bucket(Now, (TrafficCounter.RejectedForCapacity, 40)),
        ];

        AlertValue.Compute(new(rule, 0, window, TimeSpan.Zero), seen).ShouldNotBeNull().ShouldBe(expected, 1e-9);
    }

    [Fact]
    public void Latency_uses_the_99th_percentile_and_cold_start_the_90th()
    {
        var quick = Minutes.Bucket(Now - 1) with { Latency = Times(98, 1), ColdStart = Times(8, 1) };
        var slow = Minutes.Bucket(Now) with { Latency = Times(2, 20), ColdStart = Times(2, 90) };

        Value(AlertRule.Latency, quick, slow).ShouldBe(20, 0.4);
        Value(AlertRule.ColdStart, quick, slow).ShouldBe(90, 1.5);
        Value(AlertRule.Latency, quick).ShouldBe(1, 0.02);

        static LatencyHistogram Times(int count, int seconds) => LatencyTests.Histogram([.. Enumerable.Repeat(seconds * 1_000_000, count)]);
        static double Value(AlertRule rule, params MinuteBucket[] seen) => AlertValue.Compute(new(rule, 0, 10, TimeSpan.Zero), seen)!.Value;
    }

    [Theory]
    [InlineData(AlertRule.ErrorRatio)]
    [InlineData(AlertRule.Latency)]
    [InlineData(AlertRule.ColdStart)]
    public void Rule_without_data_has_no_value(AlertRule rule) =>
        AlertValue.Compute(new(rule, 0, 5, TimeSpan.Zero), [Minutes.Bucket(Now)]).ShouldBeNull();
}
