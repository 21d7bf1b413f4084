using System.Numerics;

namespace DeployCard.Grains.Monitoring;

/// <summary>
/// The bins of a latency histogram, in microseconds: one for each up to 63, then 32 for each doubling. So the middle of a bin is at most 1/64
/// (1.6 %) away from whatever fell into it. A bin is found by shifting bits, which on the way of a prediction costs less than a logarithm.
/// </summary>
internal static class LatencyBins
{
    private const int ExactBits = 6;
    private const int PerDoublingBits = ExactBits - 1;
    private const int PerDoubling = 1 << PerDoublingBits;
    private const int Exact = 1 << ExactBits;

    /// <summary>19 hours: what takes longer counts as that.</summary>
    private const int MostBits = 36;

    /// <summary>How many there are.</summary>
    public const int Count = Exact + ((MostBits - ExactBits) * PerDoubling);

    /// <summary>The bin of a time in microseconds.</summary>
    public static int Of(long micros)
    {
        if (micros < Exact)
            return (int)Math.Max(0, micros);
        var bits = BitOperations.Log2((ulong)micros);
        return bits >= MostBits
            ? Count - 1
            : Exact + ((bits - ExactBits) * PerDoubling) + (int)(micros >> (bits - PerDoublingBits)) - PerDoubling;
    }

    /// <summary>The middle of a bin.</summary>
    public static TimeSpan Middle(int bin)
    {
        if (bin < Exact)
            return TimeSpan.FromMicroseconds(bin);
        var shift = ((bin - Exact) / PerDoubling) + 1;
        var lowest = (long)(PerDoubling + ((bin - Exact) % PerDoubling)) << shift;
        return TimeSpan.FromMicroseconds(lowest + ((1L << shift) / 2));
    }
}
