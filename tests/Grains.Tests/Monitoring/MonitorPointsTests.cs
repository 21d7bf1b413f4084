using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Results;
using DeployCard.Domain.Monitoring;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>The range of a query, and the merging of minutes into points.</summary>
public sealed class MonitorPointsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 4, 12, 0, 30, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retention = TimeSpan.FromDays(3);

    [Fact]
    public void Every_step_has_a_point_even_without_data()
    {
        var first = MinuteBucket.ToMinute(Now) - 9;
        var minutes = new Dictionary<long, MinuteBucket>
        {
            [first + 1] = Minutes.Bucket(
                first + 1,
                (TrafficCounter.Succeeded, 2),
                (TrafficCounter.Queued, 4),
                (TrafficCounter.AsyncOldestAge, 1500)
            ) with
            {
                Latency = LatencyTests.Histogram([1000, 2000]),
            },
            [first + 4] = Minutes.Bucket(first + 4, (TrafficCounter.Succeeded, 3), (TrafficCounter.Queued, 1)) with
            {
                Latency = LatencyTests.Histogram([3000]),
            },
        };

        var view = MonitorPoints.CreateView(new(first, 2, 5), minutes.GetValueOrDefault);

        view.Points.Select(point =>
                (point.Time, point.CountRequests(), point.Get(TrafficCounter.Queued), point.Get(TrafficCounter.AsyncOldestAge))
            )
            .ShouldBe([(MinuteBucket.StartOf(first), 5, 4, 1500), (MinuteBucket.StartOf(first + 5), 0, 0, 0)]);
        view.Points[0].Latency!.Count.ShouldBe(3);
        view.Points[0].Latency!.P50.TotalMilliseconds.ShouldBe(2, 0.04);
        view.Points[1].Latency.ShouldBeNull();
        (view.To - view.From).ShouldBe(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Pod_has_a_point_for_each_step_in_which_it_was_measured()
    {
        var minutes = new Dictionary<long, MinuteBucket>
        {
            [0] = Minutes
                .Bucket(0)
                .Pods(Minutes.Pod("a", samples: 1, milliCores: 100, memory: 5), Minutes.Pod("b", samples: 0, milliCores: 0, memory: 0)),
            [1] = Minutes.Bucket(1).Pods(Minutes.Pod("a", samples: 3, milliCores: 900, memory: 9)),
            [2] = Minutes.Bucket(2).Pods(Minutes.Pod("a", isReady: false)),
        };

        var view = MonitorPoints.CreateView(new(0, 2, 2), minutes.GetValueOrDefault);

        view.Pods.Select(pod => (pod.Pod.Value, pod.Points.Count)).ShouldBe([("a", 2), ("b", 1)]);
        var point = view.Pods[0].Points[0];
        (point.Cores, point.MaxCores, point.MaxMemoryBytes).ShouldBe((0.25, 0.9, 9));
        var unmeasured = view.Pods[1].Points[0];
        (unmeasured.Cores, unmeasured.MaxMemoryBytes).ShouldBe((null, null));
        view.Points.Select(p => p.ReadyPods).ShouldBe([2, 0]);
    }

    [Fact]
    public void Range_is_clipped_to_the_retention_and_the_current_minute()
    {
        var (range, error) = Range(new(Now.AddDays(-30), Now.AddDays(1), Minute));

        error.ShouldBeNull();
        MinuteBucket.StartOf(range.To).ShouldBe(new(2030, 1, 4, 12, 1, 0, TimeSpan.Zero));
        range.Points.ShouldBe(IMonitorGrain.MaxPoints);
    }

    [Fact]
    public void Three_days_of_minutes_are_the_maximum()
    {
        Range(new(Now - Retention + Minute, Now, Minute)).Error.ShouldBeNull();
        Range(new(Now - Retention + Minute, Now, Minute)).Range.Points.ShouldBe(IMonitorGrain.MaxPoints);
    }

    [Fact]
    public void Clipping_a_range_does_not_shift_its_points()
    {
        var step = TimeSpan.FromMinutes(7);
        var whole = Range(new(Now.AddDays(-2), Now, step)).Range;
        var cut = MonitorRange.FromQuery(new(Now.AddDays(-2), Now, step), Now, TimeSpan.FromDays(1)).Range;

        ((cut.From - whole.From) % 7).ShouldBe(0);
        cut.From.ShouldBeInRange(MinuteBucket.ToMinute(Now.AddDays(-1)) - 6, MinuteBucket.ToMinute(Now.AddDays(-1)) + 1);
        cut.To.ShouldBe(whole.To);
    }

    [Fact]
    public void Range_in_the_future_or_before_the_retention_has_no_points()
    {
        Range(new(Now.AddHours(1), Now.AddHours(2), Minute)).Range.Points.ShouldBe(0);
        Range(new(Now.AddDays(-9), Now.AddDays(-8), Minute)).Range.Points.ShouldBe(0);
    }

    [Theory]
    [InlineData(0, "step must be a whole number of minutes, 1 minute to 1 day; got 00:00:00.")]
    [InlineData(90, "step must be a whole number of minutes, 1 minute to 1 day; got 00:01:30.")]
    [InlineData(86_460, "step must be a whole number of minutes, 1 minute to 1 day; got 1.00:01:00.")]
    public void Invalid_step_is_rejected_with_the_allowed_range(int seconds, string message)
    {
        var error = Range(new(Now.AddHours(-1), Now, TimeSpan.FromSeconds(seconds))).Error.ShouldNotBeNull();
        (error.Field, error.Code, error.Message).ShouldBe(("step", ErrorCodes.InvalidInput, message));
    }

    [Fact]
    public void Range_whose_end_is_not_after_its_start_is_rejected() => Range(new(Now, Now, Minute)).Error!.Field.ShouldBe("to");

    [Fact]
    public void Too_many_points_are_rejected()
    {
        var error = MonitorRange.FromQuery(new(Now.AddDays(-10), Now, Minute), Now, TimeSpan.FromDays(30)).Error.ShouldNotBeNull();
        error.Message.ShouldContain("at most 4320");
    }

    private static (MonitorRange Range, FieldError? Error) Range(MonitorQuery query) => MonitorRange.FromQuery(query, Now, Retention);
}
