using DeployCard.Domain.Autoscaling;

namespace DeployCard.Grains.Tests.Autoscaling;

public sealed class LoadWindowTests
{
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly LoadWindow window = new(new());

    [Fact]
    public void Averages_are_weighted_by_time_over_all_gateways()
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

        var load = window.GetSnapshot(At(60));
        load.InFlight.ShouldBe(3);
        load.Waiting.ShouldBe(0);
        load.StableInFlight.ShouldBe(((6 * 5) + (54 * 3)) / 60d, 1e-9);
        load.PanicInFlight.ShouldBe(3, 1e-9);
    }

    [Fact]
    public void Backlog_is_new_persisting_or_shrinking_compared_with_its_average()
    {
        Report("a", 0, inFlight: 1, waiting: 0);
        Report("a", 6, inFlight: 1, waiting: 30);
        window.GetSnapshot(At(6)).IsBacklogPersistent.ShouldBeFalse();
        window.GetSnapshot(At(10)).IsBacklogPersistent.ShouldBeTrue();
        window.GetSnapshot(At(10)).IsBacklogShrinking.ShouldBeFalse();
        Report("a", 12, inFlight: 1, waiting: 29);
        window.GetSnapshot(At(12)).IsBacklogShrinking.ShouldBeTrue();
    }

    [Fact]
    public void Average_covers_the_time_since_the_first_report_until_the_window_is_full()
    {
        Report("a", 0, inFlight: 4);
        window.GetSnapshot(At(0)).StableInFlight.ShouldBe(4);
        Report("a", 1, inFlight: 0);
        window.GetSnapshot(At(4)).StableInFlight.ShouldBe(1, 1e-9);
        window.GetSnapshot(At(4)).ObservedFor.ShouldBe(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void Gateway_without_reports_no_longer_counts()
    {
        Report("a", 0, inFlight: 5, busy: ["p"]);
        window.GetSnapshot(At(10)).Total.ShouldBe(5);
        window.GetBusyPods(At(10)).ShouldBe([new("p")]);

        window.GetSnapshot(At(10.001)).Total.ShouldBe(0);
        window.GetBusyPods(At(10.001)).ShouldBeEmpty();
        window.GetSnapshot(At(60)).StableInFlight.ShouldBe(5 * 10 / 60d, 1e-9);
        window.GetSnapshot(At(16)).PanicInFlight.ShouldBe(0);
    }

    [Fact]
    public void Outdated_report_is_ignored()
    {
        Report("a", 1, inFlight: 2);
        window.Add(new("a", At(0), 9, 0, At(0), []), At(1));
        window.GetSnapshot(At(1)).Total.ShouldBe(2);
    }

    [Fact]
    public void Gateway_with_a_wrong_clock_counts()
    {
        window.Add(new("a", At(-3600), 2, 0, At(-3600), []), At(0));
        window.Add(new("b", At(3600), 0, 0, At(3600), []), At(1));
        var load = window.GetSnapshot(At(1));
        load.Total.ShouldBe(2);
        load.LastActivityAt.ShouldBe(At(1));
    }

    [Fact]
    public void Averages_start_over_after_a_window_without_reports()
    {
        Report("a", 0, inFlight: 0);
        Report("a", 200, inFlight: 6);
        window.GetSnapshot(At(201)).StableInFlight.ShouldBe(6, 1e-9);
    }

    [Fact]
    public void Memory_is_bounded_for_any_report_rate()
    {
        var series = new LoadSeries(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100_000; i++)
            series.Add(Begin.AddMilliseconds(i * 7), Begin.AddMilliseconds((i + 1) * 7), 1);
        series.Count.ShouldBeLessThanOrEqualTo(62);
    }

    private static DateTimeOffset At(double seconds) => Begin.AddSeconds(seconds);

    private void Report(string gateway, double at, int inFlight, int waiting = 0, string[]? busy = null) =>
        window.Add(
            new(gateway, At(at), inFlight, waiting, At(at), [.. (busy ?? []).Select(pod => new Contracts.Names.PodName(pod))]),
            At(at)
        );
}
