using System.Numerics;
using System.Runtime.CompilerServices;

namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// The latency distribution of requests, as counts per bin of <see cref="LatencyBins"/>. It is accurate to 1.6 % and merges without
/// loss. The same bytes are used in memory, on the wire and in storage. Each non-empty bin is encoded as its distance from the previous
/// non-empty bin and its count, two to three bytes together. HdrHistogram is as accurate, but keeps an array of all bins in memory,
/// which takes a hundred times as much for 4,320 minutes.
/// </summary>
/// <param name="Bytes">The encoded bins, which must not be modified: for minutes read from storage, they are a slice of the block.</param>
[GenerateSerializer, Alias("latency-histogram"), Immutable]
public sealed record LatencyHistogram([property: Id(0)] ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The histogram without any requests.</summary>
    public static LatencyHistogram Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>Whether the histogram contains no requests.</summary>
    public bool IsEmpty => Bytes.IsEmpty;

    // Cached, because the minutes of the past are queried repeatedly.
    [NonSerialized]
    private LatencyPercentiles? percentiles;

    /// <summary>Percentiles of the histogram; null if it is empty.</summary>
    public LatencyPercentiles? Percentiles => IsEmpty ? null : percentiles ??= Compute();

    /// <summary>Creates a histogram from encoded bins and their known percentiles.</summary>
    public static LatencyHistogram FromBytes(ReadOnlyMemory<byte> bytes, LatencyPercentiles percentiles) =>
        new(bytes) { percentiles = percentiles };

    /// <summary>Creates a histogram from the number of requests in each bin.</summary>
    public static LatencyHistogram FromBins<T>(ReadOnlySpan<T> counts)
        where T : struct, IBinaryInteger<T>
    {
        var bytes = new List<byte>();
        var last = -1;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            if (T.IsZero(counts[bin]))
                continue;
            Write(bytes, bin - last);
            Write(bytes, long.CreateChecked(counts[bin]));
            last = bin;
        }

        return bytes.Count == 0 ? Empty : new(bytes.ToArray());
    }

    /// <summary>Adds the counts of this histogram, which must not be empty, to <paramref name="bins"/>.</summary>
    /// <returns>The number of requests in this histogram, and its first and last non-empty bin.</returns>
    // A query over days decodes millions of numbers, nearly all of them of one byte. Aggressive optimization skips the slow code that
    // tiered compilation would run for the first queries.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal (long Count, int First, int Last) AddTo(Span<long> bins)
    {
        var bytes = Bytes.Span;
        var (position, bin, first, total) = (0, -1L, -1, 0L);
        while (position < bytes.Length)
        {
            long distance = bytes[position++];
            if (distance > 0x7F)
                (distance, position) = ReadLong(bytes, position - 1);
            bin += distance;
            long count = bytes[position++];
            if (count > 0x7F)
                (count, position) = ReadLong(bytes, position - 1);
            // A newer version may have more bins for long times: count them in the last bin.
            var place = (int)Math.Min(bin, bins.Length - 1);
            bins[place] += count;
            total += count;
            if (first < 0)
                first = place;
        }

        return (total, first, (int)Math.Min(bin, bins.Length - 1));
    }

    private LatencyPercentiles Compute()
    {
        var bytes = Bytes.Span;
        var ranks = new PercentileFinder(Count(bytes));
        var (position, bin) = (0, 0L);
        do bin += Read(bytes, ref position);
        while (ranks.AddBin(bin - 1, Read(bytes, ref position)));
        return ranks.ToPercentiles();
    }

    private static long Count(ReadOnlySpan<byte> bytes)
    {
        var (position, count) = (0, 0L);
        while (position < bytes.Length)
        {
            Read(bytes, ref position);
            count += Read(bytes, ref position);
        }

        return count;
    }

    private static void Write(List<byte> bytes, long value)
    {
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    private static long Read(ReadOnlySpan<byte> bytes, ref int position)
    {
        (var value, position) = ReadLong(bytes, position);
        return value;
    }

    private static (long Value, int Next) ReadLong(ReadOnlySpan<byte> bytes, int position)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[position++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
                return (value, position);
        }
    }
}
