using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Tests.Autoscaling;

/// <summary>One decision, from figures.</summary>
public sealed class ScalingDecisionTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LoadFigures Quiet = new(0, 0, 0, 0, 0, Now.AddSeconds(-30), TimeSpan.FromMinutes(10));

    [Theory]
    [InlineData("0-3", null, 0, "0 pods: no request")]
    [InlineData("0-3", 300, 0, "0 pods: no request for 5 min")]
    [InlineData("0-3", 299, 1, "1 pod: the last request was less than 5 min ago")]
    [InlineData("1-3", null, 1, "1 pod: the minimum")]
    [InlineData("2-3", 300, 2, "2 pods: the minimum")]
    [InlineData("2-3", 299, 2, "2 pods: the last request was less than 5 min ago, at least 2")]
    [InlineData("0-0", 300, 0, "0 pods: no request for 5 min")]
    [InlineData("20-30", null, 10, "10 pods: the minimum")]
    public void Without_load_the_minimum_is_left_after_the_idle_time(string range, int? secondsSinceUse, int pods, string reason) =>
        ShouldBe(
            Input(range, present: 1) with
            {
                Load = Quiet with { LastUse = secondsSinceUse is { } s ? Now.AddSeconds(-s) : null },
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
    public void Those_who_wait_count_at_once(string range, int concurrency, int inFlight, int waiting, int pods, string reason) =>
        ShouldBe(Input(range, concurrency) with { Load = Quiet with { InFlight = inFlight, Waiting = waiting } }, pods, reason);

    [Theory]
    [InlineData(5.2, 2, 1, 3, "3 pods: 5.2 in flight on average over 60 s, target 2")]
    [InlineData(2, 1, 3, 2, "2 pods: 2 in flight on average over 60 s, target 1")]
    [InlineData(2.1, 1, 2, 2, "2 pods: 2.1 in flight on average over 60 s, target 1")]
    [InlineData(2.3, 1, 2, 3, "3 pods: 2.3 in flight on average over 60 s, target 1")]
    [InlineData(2.1, 1, 3, 3, "3 pods: 2.1 in flight on average over 60 s, target 1")]
    [InlineData(7, 0.7, 11, 10, "10 pods: 7 in flight on average over 60 s, target 0.7")]
    [InlineData(0.04, 1, 1, 1, "1 pod: 0.04 in flight on average over 60 s, target 1")]
    public void The_average_is_shared_out_at_the_target_and_a_little_more_adds_no_pod(
        double average,
        double target,
        int present,
        int pods,
        string reason
    ) =>
        ShouldBe(
            Input("0-20", present: present, target: target, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, Stable = average },
            },
            pods,
            reason
        );

    [Theory]
    [InlineData(7.9, 4, 4)]
    [InlineData(8, 4, 8)]
    [InlineData(8, 5, 5)]
    public void A_burst_wants_its_own_number_at_once(double average, int ready, int pods) =>
        ScalingDecision
            .For(
                Input("0-20", 1, ready, cap: 20) with
                {
                    Ready = ready,
                    Load = Quiet with { InFlight = 1, Stable = 2, Panic = average },
                    Held = ready,
                }
            )
            .Pods.ShouldBe(pods);

    [Fact]
    public void A_burst_is_told_as_one() =>
        ShouldBe(
            Input("0-20", 2, 1, cap: 20) with
            {
                Ready = 1,
                Load = Quiet with { InFlight = 8, Stable = 2, Panic = 7.6 },
            },
            4,
            "4 pods: 7.6 in flight on average over 6 s (burst), target 2"
        );

    [Fact]
    public void A_reason_claims_no_more_time_than_there_are_reports_for() =>
        ShouldBe(
            Input("0-20", 2, 1) with
            {
                Load = Quiet with { InFlight = 4, Stable = 4, KnownFor = TimeSpan.FromSeconds(3.2) },
            },
            2,
            "2 pods: 4 in flight on average over 4 s, target 2"
        );

    [Fact]
    public void After_a_burst_no_pod_goes() =>
        ShouldBe(
            Input("0-20", 1, 8, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, Stable = 2, Panic = 1 },
                BurstUntil = Now.AddSeconds(1),
            },
            8,
            "8 pods: 2 in flight on average over 60 s, target 1; a burst less than 60 s ago"
        );

    [Theory]
    [InlineData(2, 1, 4, "4 pods: 2 in flight on average over 60 s, target 1, at most divided by 2 at once")]
    [InlineData(2, 0.999, 8, "8 pods: 2 in flight on average over 60 s, target 1, at most divided by 2 at once")]
    [InlineData(5, 1, 5, "5 pods: 5 in flight on average over 60 s, target 1")]
    public void No_more_than_half_of_the_pods_go_at_once_and_in_a_second(
        double average,
        double secondsSinceDown,
        int pods,
        string reason
    ) =>
        ShouldBe(
            Input("0-20", 1, 8, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, Stable = average },
                LastDown = Now.AddSeconds(-secondsSinceDown),
            },
            pods,
            reason
        );

    [Fact]
    public void What_was_wanted_within_the_scale_down_delay_is_kept() =>
        ShouldBe(
            Input("0-20", 1, 6, cap: 20) with
            {
                Load = Quiet with { InFlight = 1, Stable = 2 },
                Held = 5,
            },
            5,
            "5 pods: 2 in flight on average over 60 s, target 1; more were wanted within the last 60 s"
        );

    [Fact]
    public void Pods_that_were_there_before_any_report_are_kept() =>
        ShouldBe(Input("0-20", 1, 6, cap: 20) with { IsBlind = true }, 6, "6 pods: kept until the load of 60 s is known");

    [Fact]
    public void The_ready_pods_are_multiplied_at_most_tenfold_but_from_zero_nothing_is_held_back()
    {
        var waiting = Quiet with { InFlight = 1, Waiting = 99 };
        ShouldBe(
            Input("0-100", 1, 1, cap: 100) with
            {
                Ready = 1,
                Load = waiting,
            },
            10,
            "10 pods: 99 waiting, 1 in flight, target 1, at most 10 times the ready ones at once"
        );
        ShouldBe(Input("0-100", 1, 0, cap: 100) with { Load = waiting with { InFlight = 0 } }, 99, "99 pods: 99 waiting, target 1");
    }

    [Theory]
    [InlineData(40, 10, true, 9, "9 pods: 40 waiting, 4 in flight, target 4, at most 9")]
    [InlineData(40, 30, true, 4, "4 pods: 40 waiting, 4 in flight, target 4")]
    [InlineData(40, 10, false, 2, "2 pods: 40 waiting, 4 in flight, target 4; the latest pods are given time")]
    [InlineData(40, 60, true, 2, "2 pods: 40 waiting, 4 in flight, target 4")]
    public void A_crowd_is_counted_once_and_one_that_stays_doubles_the_pods_unless_it_is_worked_off(
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
                MayRise = mayRise,
            },
            pods,
            reason
        );

    [Fact]
    public void What_is_in_flight_now_is_not_taken_away_from() =>
        ShouldBe(
            Input("0-9", 1, 6) with
            {
                Load = Quiet with { InFlight = 5, Stable = 2 },
            },
            5,
            "5 pods: 2 in flight on average over 60 s, target 1; 5 now"
        );

    private static void ShouldBe(ScalingInput input, int pods, string reason)
    {
        var decision = ScalingDecision.For(input);
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
            Cap = cap,
            Load = Quiet,
            Present = present,
            Ready = present,
            Now = Now,
        };
    }
}
