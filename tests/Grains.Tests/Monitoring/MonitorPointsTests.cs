using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Results;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>What range a query gets, and how minutes become points.</summary>
public sealed class MonitorPointsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 4, 12, 0, 30, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retention = TimeSpan.FromDays(3);

    [Fact]
    public void Points_stand_for_every_step_also_where_nothing_was_seen()
    {
        var first = MinuteBucket.MinuteOf(Now) - 9;
        var minutes = new Dictionary<long, MinuteBucket>
        {
            [first + 1] = Minutes.Bucket(first + 1, (Figure.Succeeded, 2), (Figure.Waiting, 4), (Figure.AsyncOldestAge, 1500)) with
            {
                Latency = LatencyTests.Histogram([1000, 2000]),
            },
            [first + 4] = Minutes.Bucket(first + 4, (Figure.Succeeded, 3), (Figure.Waiting, 1)) with
            {
                Latency = LatencyTests.Histogram([3000]),
            },
        };

        var view = MonitorPoints.Of(new(first, 2, 5), minutes.GetValueOrDefault);

        view.Points.Select(point => (point.Time, point.Requests(), point.Of(Figure.Waiting), point.Of(Figure.AsyncOldestAge)))
            .ShouldBe([(MinuteBucket.TimeOf(first), 5, 4, 1500), (MinuteBucket.TimeOf(first + 5), 0, 0, 0)]);
        view.Points[0].Latency!.Count.ShouldBe(3);
        view.Points[0].Latency!.P50.TotalMilliseconds.ShouldBe(2, 0.04);
        view.Points[1].Latency.ShouldBeNull();
        (view.To - view.From).ShouldBe(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Pods_have_a_point_for_each_step_in_which_they_were_measured()
    {
        var minutes = new Dictionary<long, MinuteBucket>
        {
            [0] = Minutes
                .Bucket(0)
                .Pods(Minutes.Pod("a", samples: 1, milliCores: 100, memory: 5), Minutes.Pod("b", samples: 0, milliCores: 0, memory: 0)),
            [1] = Minutes.Bucket(1).Pods(Minutes.Pod("a", samples: 3, milliCores: 900, memory: 9)),
            [2] = Minutes.Bucket(2).Pods(Minutes.Pod("a", isReady: false)),
        };

        var view = MonitorPoints.Of(new(0, 2, 2), minutes.GetValueOrDefault);

        view.Pods.Select(pod => (pod.Pod.Value, pod.Points.Count)).ShouldBe([("a", 2), ("b", 1)]);
        var point = view.Pods[0].Points[0];
        (point.Cores, point.MostCores, point.MostMemory).ShouldBe((0.25, 0.9, 9));
        var unmeasured = view.Pods[1].Points[0];
        (unmeasured.Cores, unmeasured.MostMemory).ShouldBe((null, null));
        view.Points.Select(p => p.ReadyPods).ShouldBe([2, 0]);
    }

    [Fact]
    public void A_range_ends_with_the_running_minute_and_begins_with_what_is_kept()
    {
        var (range, error) = Range(new(Now.AddDays(-30), Now.AddDays(1), Minute));

        error.ShouldBeNull();
        MinuteBucket.TimeOf(range.To).ShouldBe(new(2030, 1, 4, 12, 1, 0, TimeSpan.Zero));
        range.Points.ShouldBe(IMonitorGrain.MostPoints);
    }

    [Fact]
    public void Three_days_by_the_minute_are_just_allowed()
    {
        Range(new(Now - Retention + Minute, Now, Minute)).Error.ShouldBeNull();
        Range(new(Now - Retention + Minute, Now, Minute)).Range.Points.ShouldBe(IMonitorGrain.MostPoints);
    }

    [Fact]
    public void Points_stay_in_place_where_the_range_is_cut()
    {
        var step = TimeSpan.FromMinutes(7);
        var whole = Range(new(Now.AddDays(-2), Now, step)).Range;
        var cut = MonitorRange.Of(new(Now.AddDays(-2), Now, step), Now, TimeSpan.FromDays(1)).Range;

        ((cut.From - whole.From) % 7).ShouldBe(0);
        cut.From.ShouldBeInRange(MinuteBucket.MinuteOf(Now.AddDays(-1)) - 6, MinuteBucket.MinuteOf(Now.AddDays(-1)) + 1);
        cut.To.ShouldBe(whole.To);
    }

    [Fact]
    public void A_range_that_lies_in_the_future_or_before_what_is_kept_has_no_points()
    {
        Range(new(Now.AddHours(1), Now.AddHours(2), Minute)).Range.Points.ShouldBe(0);
        Range(new(Now.AddDays(-9), Now.AddDays(-8), Minute)).Range.Points.ShouldBe(0);
    }

    [Theory]
    [InlineData(0, "step must be whole minutes, 1 minute to 1 day; 00:00:00 was given.")]
    [InlineData(90, "step must be whole minutes, 1 minute to 1 day; 00:01:30 was given.")]
    [InlineData(86_460, "step must be whole minutes, 1 minute to 1 day; 1.00:01:00 was given.")]
    public void A_step_that_is_none_is_refused_with_what_is_allowed(int seconds, string message)
    {
        var error = Range(new(Now.AddHours(-1), Now, TimeSpan.FromSeconds(seconds))).Error.ShouldNotBeNull();
        (error.Field, error.Code, error.Message).ShouldBe(("step", ErrorCodes.Invalid, message));
    }

    [Fact]
    public void A_range_that_ends_before_it_begins_is_refused() => Range(new(Now, Now, Minute)).Error!.Field.ShouldBe("to");

    [Fact]
    public void Too_many_points_are_refused()
    {
        var error = MonitorRange.Of(new(Now.AddDays(-10), Now, Minute), Now, TimeSpan.FromDays(30)).Error.ShouldNotBeNull();
        error.Message.ShouldContain("at most 4320");
    }

    private static (MonitorRange Range, FieldError? Error) Range(MonitorQuery query) => MonitorRange.Of(query, Now, Retention);
}
