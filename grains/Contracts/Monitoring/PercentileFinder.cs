using System.Runtime.CompilerServices;

namespace DeployCard.Contracts.Monitoring;

/// <summary>Finds the percentiles of a histogram whose bins are added in ascending order, by the nearest-rank method.</summary>
/// <param name="count">Number of requests in the histogram, at least 1.</param>
internal ref struct PercentileFinder(long count)
{
    private Found found;
    private long seen;
    private int next;
    private long rank = Rank(0, count);

    private static ReadOnlySpan<double> Parts => [0.5, 0.9, 0.95, 0.99, 1];

    /// <summary>Adds the next bin. Returns false if all percentiles are known.</summary>
    public bool AddBin(long bin, long requests)
    {
        seen += requests;
        while (seen >= rank)
        {
            found[next++] = LatencyBins.MidpointOf((int)Math.Min(bin, LatencyBins.Count - 1));
            if (next == Parts.Length)
                return false;
            rank = Rank(next, count);
        }

        return true;
    }

    public readonly LatencyPercentiles ToPercentiles() => new(count, found[0], found[1], found[2], found[3], found[4]);

    private static long Rank(int part, long count) => (long)Math.Ceiling(Parts[part] * count);

    [InlineArray(5)]
    private struct Found
    {
        private TimeSpan first;
    }
}
