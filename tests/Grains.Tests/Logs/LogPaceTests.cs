using DeployCard.Grains.Logs;

namespace DeployCard.Grains.Tests.Logs;

public sealed class LogPaceTests
{
    private readonly LogPace pace = new(linesPerSecond: 1000, bytesPerSecond: 100_000);

    [Fact]
    public void What_a_second_may_bring_is_taken_at_once()
    {
        for (var i = 0; i < 10; i++)
            pace.Take(100, 1000, TimeSpan.Zero).ShouldBe(TimeSpan.Zero);

        pace.Take(100, 1000, TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(0.1));
    }

    [Fact]
    public void Long_lines_count_by_their_bytes()
    {
        pace.Take(10, 100_000, TimeSpan.Zero).ShouldBe(TimeSpan.Zero);

        pace.Take(1, 50_000, TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public void Who_is_within_the_pace_never_waits()
    {
        for (var i = 0; i < 1000; i++)
            pace.Take(10, 100, TimeSpan.FromMilliseconds(10 * i)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_quiet_hour_earns_no_more_than_a_second()
    {
        pace.Take(1, 1, TimeSpan.Zero);
        var later = TimeSpan.FromHours(1);
        pace.Take(1000, 1, later).ShouldBe(TimeSpan.Zero);

        pace.Take(1000, 1, later).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Who_waits_as_told_takes_as_much_in_a_second_as_is_allowed()
    {
        var (now, lines) = (TimeSpan.Zero, 0);
        while (now < TimeSpan.FromSeconds(60))
        {
            lines += 200;
            now += pace.Take(200, 200, now);
        }

        lines.ShouldBeInRange(60_000, 61_200);
    }
}
