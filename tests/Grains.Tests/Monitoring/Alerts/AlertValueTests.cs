using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Monitoring.Alerts;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>What each rule looks at.</summary>
public sealed class AlertValueTests
{
    private const long Now = 30_000_000;

    [Theory]
    [InlineData(AlertRule.ErrorRatio, 5, 0.1)]
    [InlineData(AlertRule.CrashLoop, 15, 7)]
    [InlineData(AlertRule.BacklogAge, 2, 900.5)]
    [InlineData(AlertRule.CapacityRejections, 5, 0.2)]
    public void Counts_of_several_minutes_and_silos_are_added_and_ages_are_not(AlertRule rule, int window, double expected)
    {
        MinuteBucket[] seen =
        [
            Minutes.Bucket(
                Now - 1,
                (Figure.Succeeded, 85),
                (Figure.ServerErrors, 3),
                (Figure.PodCrashes, 3),
                (Figure.AsyncOldestAge, 900_500),
                (Figure.RejectedForCapacity, 20)
            ),
            Minutes.Bucket(
                Now,
                (Figure.Failed, 7),
                (Figure.Rejected, 3),
                (Figure.Canceled, 1),
                (Figure.ClientErrors, 1),
                (Figure.PodCrashes, 4),
                (Figure.AsyncOldestAge, 800_000)
            ),
            Minutes.Bucket(Now, (Figure.RejectedForCapacity, 40)),
        ];

        AlertValue.Of(new(rule, 0, window, TimeSpan.Zero), seen).ShouldNotBeNull().ShouldBe(expected, 1e-9);
    }

    [Fact]
    public void Latency_is_the_slowest_of_a_hundred_and_cold_starts_of_ten()
    {
        var quick = Minutes.Bucket(Now - 1) with { Latency = Times(98, 1), ColdStart = Times(8, 1) };
        var slow = Minutes.Bucket(Now) with { Latency = Times(2, 20), ColdStart = Times(2, 90) };

        Value(AlertRule.Latency, quick, slow).ShouldBe(20, 0.4);
        Value(AlertRule.ColdStart, quick, slow).ShouldBe(90, 1.5);
        Value(AlertRule.Latency, quick).ShouldBe(1, 0.02);

        static LatencyHistogram Times(int count, int seconds) => LatencyTests.Histogram([.. Enumerable.Repeat(seconds * 1_000_000, count)]);
        static double Value(AlertRule rule, params MinuteBucket[] seen) => AlertValue.Of(new(rule, 0, 10, TimeSpan.Zero), seen)!.Value;
    }

    [Theory]
    [InlineData(AlertRule.ErrorRatio)]
    [InlineData(AlertRule.Latency)]
    [InlineData(AlertRule.ColdStart)]
    public void Of_nothing_there_is_no_value(AlertRule rule) =>
        AlertValue.Of(new(rule, 0, 5, TimeSpan.Zero), [Minutes.Bucket(Now)]).ShouldBeNull();
}
