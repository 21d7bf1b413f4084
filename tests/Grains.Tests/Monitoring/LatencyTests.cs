using CsCheck;
using DeployCard.Grains.Monitoring;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>How exact latencies are, and that nothing is lost when they are merged.</summary>
public sealed class LatencyTests
{
    private const double Bound = 0.02;

    private static readonly Gen<long> Micros = Gen.OneOf(
        Gen.Long[0, 200],
        Gen.Long[0, 100_000],
        Gen.Long[0, 3_600_000_000],
        Gen.Double[0, 35].Select(p => (long)Math.Pow(2, p))
    );

    [Fact]
    public void A_bin_is_at_most_two_percent_away_from_what_falls_into_it() =>
        Micros.Sample(micros => Middle(micros) is var middle && Math.Abs(middle - micros) <= Bound * micros, iter: 100_000);

    [Fact]
    public void Bins_follow_each_other_without_a_gap()
    {
        for (var micros = 1L; micros < 2_000_000; micros++)
            (LatencyBins.Of(micros) - LatencyBins.Of(micros - 1)).ShouldBeInRange(0, 1);
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(0, 0)]
    [InlineData(63, 63)]
    [InlineData(64, 64)]
    [InlineData(65, 64)]
    [InlineData(66, 65)]
    [InlineData(long.MaxValue, LatencyBins.Count - 1)]
    [InlineData((1L << 36) - 1, LatencyBins.Count - 1)]
    public void Edges_fall_into_the_bins_that_they_belong_to(long micros, int bin) => LatencyBins.Of(micros).ShouldBe(bin);

    [Fact]
    public void Percentiles_of_any_times_are_at_most_two_percent_off() =>
        Micros
            .List[1, 300]
            .Sample(times =>
            {
                var figures = Histogram(times).Figures!;
                var sorted = times.Order().ToList();
                return figures.Count == times.Count
                    && IsNear(figures.P50, sorted, 0.5)
                    && IsNear(figures.P90, sorted, 0.9)
                    && IsNear(figures.P95, sorted, 0.95)
                    && IsNear(figures.P99, sorted, 0.99)
                    && IsNear(figures.Max, sorted, 1);
            });

    [Fact]
    public void Merged_in_any_way_it_is_the_histogram_of_all() =>
        Gen.Select(Micros.List[0, 100], Micros.List[0, 100], Micros.List[0, 100])
            .Sample(
                (a, b, c) =>
                {
                    var (one, two, three, all) = (Histogram(a), Histogram(b), Histogram(c), Histogram([.. a, .. b, .. c]));
                    var sum = new LatencySum();
                    Array.ForEach([one, two, three], sum.Add);
                    return sum.TakeFigures() == all.Figures
                        && Merge(Merge(one, two), three).Bytes.Span.SequenceEqual(all.Bytes.Span)
                        && Merge(one, Merge(three, two)).Bytes.Span.SequenceEqual(all.Bytes.Span);
                }
            );

    [Fact]
    public void Of_no_request_there_are_no_percentiles()
    {
        var sum = new LatencySum();
        sum.Take().Figures.ShouldBeNull();
        sum.Add(LatencyHistogram.Empty);
        sum.Take().Figures.ShouldBeNull();
        sum.Add(Histogram([5]));
        sum.Take().Figures.ShouldNotBeNull();
        sum.Take().Figures.ShouldBeNull();
        sum.Add(Histogram([5]));
        sum.Add(Histogram([7]));
        sum.Take().Figures!.Count.ShouldBe(2);
        sum.Take().Figures.ShouldBeNull();
    }

    [Fact]
    public void It_is_small_and_counts_any_number()
    {
        var counts = new long[LatencyBins.Count];
        counts[700] = long.MaxValue / 2;
        LatencyHistogram.Of<long>(counts).Bytes.Length.ShouldBeLessThan(12);

        // A thousand requests around 20 ms.
        var random = new Random(1);
        Histogram([.. Enumerable.Range(0, 1000).Select(_ => (long)(20_000 * Math.Exp(random.NextDouble() - 0.5)))])
            .Bytes.Length.ShouldBeLessThan(150);
    }

    internal static LatencyHistogram Histogram(IEnumerable<long> micros)
    {
        var counts = new int[LatencyBins.Count];
        foreach (var time in micros)
            counts[LatencyBins.Of(time)]++;
        return LatencyHistogram.Of<int>(counts);
    }

    private static double Middle(long micros) => LatencyBins.Middle(LatencyBins.Of(micros)).TotalMicroseconds;

    private static LatencyHistogram Merge(LatencyHistogram one, LatencyHistogram other)
    {
        var sum = new LatencySum();
        sum.Add(one);
        sum.Add(other);
        return sum.Take();
    }

    private static bool IsNear(TimeSpan figure, List<long> sorted, double part)
    {
        var exact = sorted[Math.Max(1, (int)Math.Ceiling(part * sorted.Count)) - 1];
        return Math.Abs(figure.TotalMicroseconds - exact) <= Bound * exact;
    }
}
