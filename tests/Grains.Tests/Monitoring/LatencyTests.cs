using CsCheck;
using DeployCard.Contracts.Monitoring;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>The accuracy of latencies, and merging without loss.</summary>
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
    public void Midpoint_of_a_bin_differs_by_at_most_two_percent_from_its_values() =>
        Micros.Sample(micros => Middle(micros) is var middle && Math.Abs(middle - micros) <= Bound * micros, iter: 100_000);

    [Fact]
    public void Bins_are_contiguous()
    {
        for (var micros = 1L; micros < 2_000_000; micros++)
            (LatencyBins.IndexOf(micros) - LatencyBins.IndexOf(micros - 1)).ShouldBeInRange(0, 1);
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
    public void Edge_values_fall_into_the_expected_bin(long micros, int bin) => LatencyBins.IndexOf(micros).ShouldBe(bin);

    [Fact]
    public void Percentiles_differ_by_at_most_two_percent_from_exact_ones() =>
        Micros
            .List[1, 300]
            .Sample(times =>
            {
                var percentiles = Histogram(times).Percentiles!;
                var sorted = times.Order().ToList();
                return percentiles.Count == times.Count
                    && IsNear(percentiles.P50, sorted, 0.5)
                    && IsNear(percentiles.P90, sorted, 0.9)
                    && IsNear(percentiles.P95, sorted, 0.95)
                    && IsNear(percentiles.P99, sorted, 0.99)
                    && IsNear(percentiles.Max, sorted, 1);
            });

    [Fact]
    public void Merging_histograms_in_any_order_equals_the_histogram_of_all_times() =>
        Gen.Select(Micros.List[0, 100], Micros.List[0, 100], Micros.List[0, 100])
            .Sample(
                (a, b, c) =>
                {
                    var (one, two, three, all) = (Histogram(a), Histogram(b), Histogram(c), Histogram([.. a, .. b, .. c]));
                    var sum = new LatencySum();
                    Array.ForEach([one, two, three], sum.Add);
                    return sum.DrainPercentiles() == all.Percentiles
                        && Merge(Merge(one, two), three).Bytes.Span.SequenceEqual(all.Bytes.Span)
                        && Merge(one, Merge(three, two)).Bytes.Span.SequenceEqual(all.Bytes.Span);
                }
            );

    [Fact]
    public void Empty_histogram_has_no_percentiles()
    {
        var sum = new LatencySum();
        sum.DrainHistogram().Percentiles.ShouldBeNull();
        sum.Add(LatencyHistogram.Empty);
        sum.DrainHistogram().Percentiles.ShouldBeNull();
        sum.Add(Histogram([5]));
        sum.DrainHistogram().Percentiles.ShouldNotBeNull();
        sum.DrainHistogram().Percentiles.ShouldBeNull();
        sum.Add(Histogram([5]));
        sum.Add(Histogram([7]));
        sum.DrainHistogram().Percentiles!.Count.ShouldBe(2);
        sum.DrainHistogram().Percentiles.ShouldBeNull();
    }

    [Fact]
    public void Histogram_is_small_and_stores_large_counts()
    {
        var counts = new long[LatencyBins.Count];
        counts[700] = long.MaxValue / 2;
        LatencyHistogram.FromBins<long>(counts).Bytes.Length.ShouldBeLessThan(12);

        // A thousand requests around 20 ms.
        var random = new Random(1);
        Histogram([.. Enumerable.Range(0, 1000).Select(_ => (long)(20_000 * Math.Exp(random.NextDouble() - 0.5)))])
            .Bytes.Length.ShouldBeLessThan(150);
    }

    internal static LatencyHistogram Histogram(IEnumerable<long> micros)
    {
        var counts = new int[LatencyBins.Count];
        foreach (var time in micros)
            counts[LatencyBins.IndexOf(time)]++;
        return LatencyHistogram.FromBins<int>(counts);
    }

    private static double Middle(long micros) => LatencyBins.MidpointOf(LatencyBins.IndexOf(micros)).TotalMicroseconds;

    private static LatencyHistogram Merge(LatencyHistogram one, LatencyHistogram other)
    {
        var sum = new LatencySum();
        sum.Add(one);
        sum.Add(other);
        return sum.DrainHistogram();
    }

    private static bool IsNear(TimeSpan percentile, List<long> sorted, double part)
    {
        var exact = sorted[Math.Max(1, (int)Math.Ceiling(part * sorted.Count)) - 1];
        return Math.Abs(percentile.TotalMicroseconds - exact) <= Bound * exact;
    }
}
