using DeployCard.Contracts.Configuration;
using DeployCard.Domain.Autoscaling;

namespace DeployCard.Grains.Tests.Autoscaling;

/// <summary>Single decisions from given inputs.</summary>
public sealed class ScalingPolicyTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LoadSnapshot Quiet = new(0, 0, 0, 0, 0, Now.AddSeconds(-30), TimeSpan.FromMinutes(10));

    [Theory]
    [InlineData("0-3", null, 0, "0 pods: no requests")]
    [InlineData("0-3", 300, 0, "0 pods: no requests for 5 min")]
    [InlineData("0-3", 299, 1, "1 pod: the last request was less than 5 min ago")]
    [InlineData("1-3", null, 1, "1 pod: the minimum")]
    [InlineData("2-3", 300, 2, "2 pods: the minimum")]
    [InlineData("2-3", 299, 2, "2 pods: the last request was less than 5 min ago, at least 2")]
    [InlineData("0-0", 300, 0, "0 pods: no requests for 5 min")]
    [InlineData("20-30", null, 10, "10 pods: the minimum")]
    public void Minimum_is_kept_after_the_idle_time_without_load(string range, int? secondsSinceUse, int pods, string reason) =>
        ShouldBe(
            Input(range, present: 1) with
            {
                Load = Quiet with { LastActivityAt = secondsSinceUse is { } s ? Now.AddSeconds(-s) : null },
            },
            pods,
            reason
        );

    [Theory]
    [InlineData("0-3", 4, 0, 4, 1, "1 pod: 4 waiting, target 4")]
    [InlineData("0-3", 4, 0, 7, 2, "2 pods: 7 waiting, target 4")]
    [InlineData("0-9", 4, 8, 3, 3, "3 pods: 3 waiting, 8 in flight, target 4")]
    [InlineData("0-3", 4, 0, 500, 3, "3 pods: 500 waiting, target 4, at most 3")]
    [InlineData("0-3", 0, 0, 100, 1, "1 pod: 100 waiting, target 100")]
    [InlineData("0-0", 1, 0, 50, 10, "10 pods: 50 waiting, target 1, at most 10")]
    public void Waiting_requests_count_immediately(string range, int concurrency, int inFlight, int waiting, int pods, string reason) =>
        ShouldBe(Input(range, concurrency) with { Load = Quiet with { InFlight = inFlight, Waiting = waiting } }, pods, reason);

    [Theory]
    [InlineData(5.2, 2, 1, 3, "3 pods: 5.2 in flight on average over 60 s, target 2")]
    [InlineData(2, 1, 3, 2, "2 pods: 2 in flight on average over 60 s, target 1")]
    [InlineData(2.1, 1, 2, 2, "2 pods: 2.1 in flight on average over 60 s, target 1")]
    [InlineData(2.3, 1, 2, 3, "3 pods: 2.3 in flight on average over 60 s, target 1")]
    [InlineData(2.1, 1, 3, 3, "3 pods: 2.1 in flight on average over 60 s, target 1")]
    [InlineData(7, 0.7, 11, 10, "10 pods: 7 in flight on average over 60 s, target 0.7")]
    [InlineData(0.04, 1, 1, 1, "1 pod: 0.04 in flight on average over 60 s, target 1")]
    public void Average_is_divided_by_the_target_and_a_small_excess_adds_no_pod(
        double average,
        double target,
        int present,
        int pods,
        string reason
    ) =>
        ShouldBe(
            Input("0-20", present: present, target: target, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, StableInFlight = average },
            },
            pods,
            reason
        );

    [Theory]
    [InlineData(7.9, 4, 4)]
    [InlineData(8, 4, 8)]
    [InlineData(8, 5, 5)]
    public void Burst_scales_up_immediately(double average, int ready, int pods) =>
        ScalingPolicy
            .Decide(
                Input("0-20", 1, ready, cap: 20) with
                {
                    ReadyPods = ready,
                    Load = Quiet with { InFlight = 1, StableInFlight = 2, PanicInFlight = average },
                    RecentPeak = ready,
                }
            )
            .Pods.ShouldBe(pods);

    [Fact]
    public void Reason_names_a_burst() =>
        ShouldBe(
            Input("0-20", 2, 1, cap: 20) with
            {
                ReadyPods = 1,
                Load = Quiet with { InFlight = 8, StableInFlight = 2, PanicInFlight = 7.6 },
            },
            4,
            "4 pods: 7.6 in flight on average over 6 s (burst), target 2"
        );

    [Fact]
    public void Reason_names_only_the_time_that_the_reports_cover() =>
        ShouldBe(
            Input("0-20", 2, 1) with
            {
                Load = Quiet with { InFlight = 4, StableInFlight = 4, ObservedFor = TimeSpan.FromSeconds(3.2) },
            },
            2,
            "2 pods: 4 in flight on average over 4 s, target 2"
        );

    [Fact]
    public void Burst_blocks_scaling_down() =>
        ShouldBe(
            Input("0-20", 1, 8, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, StableInFlight = 2, PanicInFlight = 1 },
                ScaleDownBlockedUntil = Now.AddSeconds(1),
            },
            8,
            "8 pods: 2 in flight on average over 60 s, target 1; there was a burst within the last 60 s"
        );

    [Theory]
    [InlineData(2, 1, 4, "4 pods: 2 in flight on average over 60 s, target 1, reduced by at most a factor of 2 per second")]
    [InlineData(2, 0.999, 8, "8 pods: 2 in flight on average over 60 s, target 1, reduced by at most a factor of 2 per second")]
    [InlineData(5, 1, 5, "5 pods: 5 in flight on average over 60 s, target 1")]
    public void At_most_half_of_the_pods_are_removed_within_a_second(double average, double secondsSinceDown, int pods, string reason) =>
        ShouldBe(
            Input("0-20", 1, 8, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, StableInFlight = average },
                LastScaleDownAt = Now.AddSeconds(-secondsSinceDown),
            },
            pods,
            reason
        );

    [Fact]
    public void Peak_within_the_scale_down_delay_is_kept() =>
        ShouldBe(
            Input("0-20", 1, 6, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, StableInFlight = 2 },
                RecentPeak = 5,
            },
            5,
            "5 pods: 2 in flight on average over 60 s, target 1; the peak was higher within the last 60 s"
        );

    [Fact]
    public void Pods_without_load_reports_are_kept() =>
        ShouldBe(Input("0-20", 1, 6, cap: 20) with { IsWarmingUp = true }, 6, "6 pods: kept until 60 s of load have been observed");

    [Fact]
    public void Scaling_up_is_limited_to_ten_times_the_ready_pods_except_from_zero()
    {
        var waiting = Quiet with { InFlight = 1, Waiting = 99 };
        ShouldBe(
            Input("0-100", 1, 1, cap: 100) with
            {
                ReadyPods = 1,
                Load = waiting,
            },
            10,
            "10 pods: 99 waiting, 1 in flight, target 1, at most 10 times the ready pods"
        );
        ShouldBe(Input("0-100", 1, 0, cap: 100) with { Load = waiting with { InFlight = 0 } }, 99, "99 pods: 99 waiting, target 1");
    }

    [Theory]
    [InlineData(40, 10, true, 9, "9 pods: 40 waiting, 4 in flight, target 4, at most 9")]
    [InlineData(40, 30, true, 4, "4 pods: 40 waiting, 4 in flight, target 4")]
    [InlineData(40, 10, false, 2, "2 pods: 40 waiting, 4 in flight, target 4; waiting for recently started pods")]
    [InlineData(40, 60, true, 2, "2 pods: 40 waiting, 4 in flight, target 4")]
    public void Backlog_counts_once_and_doubles_the_pods_only_if_it_persists(
        int waiting,
        double before,
        bool mayRise,
        int pods,
        string reason
    ) =>
        ShouldBe(
            Input("0-9", 4, 2) with
            {
                Load = Quiet with { InFlight = 4, Waiting = waiting, PanicWaiting = before },
                CanScaleUp = mayRise,
            },
            pods,
            reason
        );

    [Fact]
    public void Current_requests_keep_their_pods() =>
        ShouldBe(
            Input("0-9", 1, 6) with
            {
                Load = Quiet with { InFlight = 5, StableInFlight = 2 },
            },
            5,
            "5 pods: 2 in flight on average over 60 s, target 1; 5 in flight or waiting now"
        );

    private static void ShouldBe(ScalingInput input, int pods, string reason)
    {
        var decision = ScalingPolicy.Decide(input);
        decision.Reason.ShouldBe(reason);
        decision.Pods.ShouldBe(pods);
        decision.At.ShouldBe(Now);
    }

    private static ScalingInput Input(string range, int concurrency = 1, int present = 0, double target = 0, int cap = 10)
    {
        PodsRange.TryParse(range, out var pods).ShouldBeTrue();
        return new()
        {
            Options = new(),
            Configuration = new()
            {
                Pods = pods,
                Concurrency = concurrency,
                TargetConcurrency = target,
            },
            PodLimit = cap,
            Load = Quiet,
            CurrentPods = present,
            ReadyPods = present,
            Now = Now,
        };
    }
}
