using System.Numerics;

namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// The bins of a latency histogram, in microseconds: one bin for each value up to 63, then 32 bins for each doubling. The midpoint of a
/// bin differs by at most 1/64 (1.6 %) from any value in the bin. The bin of a value is computed by bit shifts. They cost less than a
/// logarithm, and this code runs for every prediction.
/// </summary>
public static class LatencyBins
{
    private const int ExactBits = 6;
    private const int PerDoublingBits = ExactBits - 1;
    private const int PerDoubling = 1 << PerDoublingBits;
    private const int Exact = 1 << ExactBits;

    /// <summary>Number of bits of the longest time that has its own bin, about 19 hours. Longer times fall into the last bin.</summary>
    private const int MaxBits = 36;

    /// <summary>Number of bins in a histogram.</summary>
    public const int Count = Exact + ((MaxBits - ExactBits) * PerDoubling);

    /// <summary>Returns the index of the bin for a time in microseconds. Negative times fall into the first bin.</summary>
    public static int IndexOf(long micros)
    {
        if (micros < Exact)
            return (int)Math.Max(0, micros);
        var bits = BitOperations.Log2((ulong)micros);
        return bits >= MaxBits
            ? Count - 1
            : Exact + ((bits - ExactBits) * PerDoubling) + (int)(micros >> (bits - PerDoublingBits)) - PerDoubling;
    }

    /// <summary>Returns the time in the middle of a bin.</summary>
    public static TimeSpan MidpointOf(int bin)
    {
        if (bin < Exact)
            return TimeSpan.FromMicroseconds(bin);
        var shift = ((bin - Exact) / PerDoubling) + 1;
        var lowest = (long)(PerDoubling + ((bin - Exact) % PerDoubling)) << shift;
        return TimeSpan.FromMicroseconds(lowest + ((1L << shift) / 2));
    }
}
