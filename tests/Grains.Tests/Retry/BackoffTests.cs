using DeployCard.Common.Retry;

namespace DeployCard.Grains.Tests.Retry;

public sealed class BackoffTests
{
    private static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(2, new double[] { 50, 100, 200, 400, 800, 1600, 2000, 2000 })]
    [InlineData(4, new double[] { 50, 200, 800, 2000, 2000 })]
    [InlineData(1.5, new[] { 50, 75, 112.5, 168.75 })]
    [InlineData(1, new double[] { 50, 50, 50 })]
    public void Exponential_delay_is_multiplied_by_the_factor_up_to_the_maximum(double factor, double[] milliseconds) =>
        Delays(Backoff.Exponential(Initial, Max, factor), milliseconds.Length).ShouldBe(milliseconds);

    [Fact]
    public void Linear_delay_grows_by_the_initial_delay_up_to_the_maximum() =>
        Delays(Backoff.Linear(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(900)), 6).ShouldBe([200, 400, 600, 800, 900, 900]);

    [Fact]
    public void Number_of_failures_causes_no_overflow()
    {
        foreach (var failures in new[] { 60, 64, 1_000, 1_000_000, int.MaxValue })
        {
            Backoff.Exponential(Initial, Max).DelayAfter(failures).ShouldBe(Max);
            Backoff.Exponential(Initial, Max, factor: 1).DelayAfter(failures).ShouldBe(Initial);
            Backoff.Exponential(Initial, Max, double.MaxValue).DelayAfter(failures).ShouldBe(Max);
            Backoff.Exponential(Initial, TimeSpan.MaxValue).DelayAfter(failures).ShouldBeGreaterThan(TimeSpan.FromDays(100 * 365));
            Backoff.Linear(Initial, Max).DelayAfter(failures).ShouldBe(Max);
            Backoff.Linear(TimeSpan.MaxValue, TimeSpan.MaxValue).DelayAfter(failures).ShouldBe(TimeSpan.MaxValue);
        }

        Backoff.Exponential(Max, TimeSpan.MaxValue, jitter: Jitter.Spread(1)).DelayAfter(int.MaxValue, 1).ShouldBe(TimeSpan.MaxValue);
    }

    [Fact]
    public void Maximum_below_the_initial_delay_applies_from_the_first_failure() =>
        Delays(Backoff.Exponential(Max, Initial), 3).ShouldBe([50, 50, 50]);

    [Theory]
    [InlineData(0, 40, 1600)]
    [InlineData(0.5, 45, 1800)]
    [InlineData(1, 50, 2000)]
    public void Jitter_shortens_each_delay_including_the_maximum(double random, double first, double last)
    {
        var backoff = Backoff.Exponential(Initial, Max, jitter: Jitter.Shorten(0.2));

        backoff.DelayAfter(1, random).TotalMilliseconds.ShouldBe(first);
        backoff.DelayAfter(100, random).TotalMilliseconds.ShouldBe(last);
    }

    [Theory]
    [InlineData(0, 37.5, 1500)]
    [InlineData(0.5, 50, 2000)]
    [InlineData(1, 62.5, 2500)]
    public void Jitter_spreads_each_delay_around_its_value(double random, double first, double last)
    {
        var backoff = Backoff.Exponential(Initial, Max, jitter: Jitter.Spread(0.25));

        backoff.DelayAfter(1, random).TotalMilliseconds.ShouldBe(first);
        backoff.DelayAfter(100, random).TotalMilliseconds.ShouldBe(last);
    }

    [Fact]
    public void Jitter_comes_from_the_given_source()
    {
        var backoff = Backoff.Exponential(Initial, Max, jitter: Jitter.Shorten(0.5));
        var (source, copy) = (new Random(7), new Random(7));

        for (var failures = 1; failures < 100; failures++)
            backoff.DelayAfter(failures, source).ShouldBe(backoff.DelayAfter(failures, copy.NextDouble()));
    }

    [Fact]
    public void Jitter_of_the_shared_source_stays_in_its_range()
    {
        var backoff = Backoff.Exponential(Initial, Max, jitter: Jitter.Shorten(0.5));
        var delays = Enumerable.Range(0, 1_000).Select(_ => backoff.DelayAfter(1)).ToList();

        delays.ShouldAllBe(delay => delay >= Initial / 2 && delay <= Initial);
        delays.Distinct().Count().ShouldBeGreaterThan(100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Number_of_failures_must_be_at_least_1(int failures) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Backoff.Exponential(Initial, Max).DelayAfter(failures, 0.5));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Share_and_random_number_of_a_jitter_must_be_0_to_1(double value)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Jitter.Shorten(value));
        Should.Throw<ArgumentOutOfRangeException>(() => Jitter.Spread(value));
        Should.Throw<ArgumentOutOfRangeException>(() => Backoff.Exponential(Initial, Max).DelayAfter(1, value));
    }

    [Fact]
    public void Delays_must_be_positive_and_the_factor_at_least_1()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Backoff.Exponential(TimeSpan.Zero, Max));
        Should.Throw<ArgumentOutOfRangeException>(() => Backoff.Linear(Initial, TimeSpan.Zero));
        Should.Throw<ArgumentOutOfRangeException>(() => Backoff.Exponential(Initial, Max, 0.9));
        Should.Throw<ArgumentOutOfRangeException>(() => Backoff.Exponential(Initial, Max, double.NaN));
    }

    private static double[] Delays(Backoff backoff, int count) =>
        [.. Enumerable.Range(1, count).Select(failures => backoff.DelayAfter(failures).TotalMilliseconds)];
}
