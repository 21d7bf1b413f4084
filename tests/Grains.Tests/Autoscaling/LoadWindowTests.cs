using DeployCard.Grains.Autoscaling;

namespace DeployCard.Grains.Tests.Autoscaling;

public sealed class LoadWindowTests
{
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly LoadWindow window = new(new());

    [Fact]
    public void The_averages_are_weighted_by_time_over_all_gateways()
    {
        Report("a", 0, inFlight: 3, waiting: 1);
        Report("b", 0, inFlight: 2);
        for (var second = 1; second < 60; second++)
        {
            if (second % 6 == 0)
                Report("a", second, inFlight: 1);
            if (second % 8 == 0)
                Report("b", second, inFlight: 2);
        }

        var load = window.Figures(At(60));
        load.InFlight.ShouldBe(3);
        load.Waiting.ShouldBe(0);
        load.Stable.ShouldBe(((6 * 5) + (54 * 3)) / 60d, 1e-9);
        load.Panic.ShouldBe(3, 1e-9);
    }

    [Fact]
    public void Whether_a_crowd_is_new_or_stands_or_is_worked_off_is_seen_from_who_waited_before()
    {
        Report("a", 0, inFlight: 1, waiting: 0);
        Report("a", 6, inFlight: 1, waiting: 30);
        window.Figures(At(6)).IsStanding.ShouldBeFalse();
        window.Figures(At(10)).IsStanding.ShouldBeTrue();
        window.Figures(At(10)).IsWorkedOff.ShouldBeFalse();
        Report("a", 12, inFlight: 1, waiting: 29);
        window.Figures(At(12)).IsWorkedOff.ShouldBeTrue();
    }

    [Fact]
    public void Until_a_window_is_full_the_average_is_that_of_the_time_since()
    {
        Report("a", 0, inFlight: 4);
        window.Figures(At(0)).Stable.ShouldBe(4);
        Report("a", 1, inFlight: 0);
        window.Figures(At(4)).Stable.ShouldBe(1, 1e-9);
        window.Figures(At(4)).KnownFor.ShouldBe(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void A_gateway_that_falls_silent_is_forgotten()
    {
        Report("a", 0, inFlight: 5, busy: ["p"]);
        window.Figures(At(10)).Now.ShouldBe(5);
        window.BusyPods(At(10)).ShouldBe([new("p")]);

        window.Figures(At(10.001)).Now.ShouldBe(0);
        window.BusyPods(At(10.001)).ShouldBeEmpty();
        window.Figures(At(60)).Stable.ShouldBe(5 * 10 / 60d, 1e-9);
        window.Figures(At(16)).Panic.ShouldBe(0);
    }

    [Fact]
    public void A_report_that_was_overtaken_changes_nothing()
    {
        Report("a", 1, inFlight: 2);
        window.Add(new("a", At(0), 9, 0, At(0), []), At(1));
        window.Figures(At(1)).Now.ShouldBe(2);
    }

    [Fact]
    public void A_gateway_whose_clock_is_wrong_counts_all_the_same()
    {
        window.Add(new("a", At(-3600), 2, 0, At(-3600), []), At(0));
        window.Add(new("b", At(3600), 0, 0, At(3600), []), At(1));
        var load = window.Figures(At(1));
        load.Now.ShouldBe(2);
        load.LastUse.ShouldBe(At(1));
    }

    [Fact]
    public void After_a_whole_window_of_silence_the_averages_begin_anew()
    {
        Report("a", 0, inFlight: 0);
        Report("a", 200, inFlight: 6);
        window.Figures(At(201)).Stable.ShouldBe(6, 1e-9);
    }

    [Fact]
    public void However_often_is_reported_the_memory_is_bounded()
    {
        var series = new LoadSeries(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100_000; i++)
            series.Add(Begin.AddMilliseconds(i * 7), Begin.AddMilliseconds((i + 1) * 7), 1);
        series.Count.ShouldBeLessThanOrEqualTo(62);
    }

    private static DateTimeOffset At(double seconds) => Begin.AddSeconds(seconds);

    private void Report(string gateway, double at, int inFlight, int waiting = 0, string[]? busy = null) =>
        window.Add(new(gateway, At(at), inFlight, waiting, At(at), [.. (busy ?? []).Select(pod => new Grains.Pods.PodName(pod))]), At(at));
}
