using DeployCard.Domain.Logs;

namespace DeployCard.Grains.Tests.Logs;

public sealed class LogRateLimiterTests
{
    private readonly LogRateLimiter limiter = new(linesPerSecond: 1000, bytesPerSecond: 100_000);

    [Fact]
    public void Lines_of_one_second_pass_without_delay()
    {
        for (var i = 0; i < 10; i++)
            limiter.Record(100, 1000, TimeSpan.Zero).ShouldBe(TimeSpan.Zero);

        limiter.Record(100, 1000, TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(0.1));
    }

    [Fact]
    public void Long_lines_are_limited_by_their_bytes()
    {
        limiter.Record(10, 100_000, TimeSpan.Zero).ShouldBe(TimeSpan.Zero);

        limiter.Record(1, 50_000, TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public void Pod_within_the_limit_is_never_delayed()
    {
        for (var i = 0; i < 1000; i++)
            limiter.Record(10, 100, TimeSpan.FromMilliseconds(10 * i)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Quiet_hour_allows_a_burst_of_one_second_only()
    {
        limiter.Record(1, 1, TimeSpan.Zero);
        var later = TimeSpan.FromHours(1);
        limiter.Record(1000, 1, later).ShouldBe(TimeSpan.Zero);

        limiter.Record(1000, 1, later).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Reader_that_waits_for_each_delay_reads_at_the_maximum_rate()
    {
        var (now, lines) = (TimeSpan.Zero, 0);
        while (now < TimeSpan.FromSeconds(60))
        {
            lines += 200;
            now += limiter.Record(200, 200, now);
        }

        lines.ShouldBeInRange(60_000, 61_200);
    }
}
