using System.Numerics;
using System.Runtime.CompilerServices;

namespace DeployCard.Grains.Monitoring;

/// <summary>
/// How long requests took, as the counts of <see cref="LatencyBins"/>: exact to 1.6 %, and merged without a loss. It is one row of bytes, the same in
/// memory, on the wire and in storage: for each bin that is not empty the distance from the one before and its count, two to three bytes together.
/// (HdrHistogram is as exact, but has an array of all its bins in memory: for 4,320 minutes a hundred times as much.)
/// </summary>
/// <param name="Bytes">The bins; not to be changed. Of minutes from storage they are a part of the block that was read.</param>
[GenerateSerializer, Alias("latency-histogram"), Immutable]
public sealed record LatencyHistogram([property: Id(0)] ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Of no request.</summary>
    public static LatencyHistogram Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>Whether no request is in it.</summary>
    public bool IsEmpty => Bytes.IsEmpty;

    // Known once it was asked for: a minute that is over is asked for again and again.
    [NonSerialized]
    private LatencyFigures? figures;

    /// <summary>Its percentiles; null where no request is in it.</summary>
    public LatencyFigures? Figures => IsEmpty ? null : figures ??= Compute();

    /// <summary>One whose percentiles are known.</summary>
    internal static LatencyHistogram Of(ReadOnlyMemory<byte> bytes, LatencyFigures figures) => new(bytes) { figures = figures };

    /// <summary>Of counts by bin.</summary>
    internal static LatencyHistogram Of<T>(ReadOnlySpan<T> counts)
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

    /// <summary>Adds its counts to those of <paramref name="bins"/>. How many requests are in it, and the first and the last bin that is not empty; it must not be empty itself.</summary>
    // Days of minutes are millions of numbers: not left to be compiled well only after hundreds of queries, and nearly all are of one byte.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal (long Count, int First, int Last) AddTo(Span<long> bins)
    {
        var bytes = Bytes.Span;
        var (at, bin, first, all) = (0, -1L, -1, 0L);
        while (at < bytes.Length)
        {
            long distance = bytes[at++];
            if (distance > 0x7F)
                (distance, at) = ReadLong(bytes, at - 1);
            bin += distance;
            long count = bytes[at++];
            if (count > 0x7F)
                (count, at) = ReadLong(bytes, at - 1);
            // What a newer version told apart further still belongs to the slowest.
            var place = (int)Math.Min(bin, bins.Length - 1);
            bins[place] += count;
            all += count;
            if (first < 0)
                first = place;
        }

        return (all, first, (int)Math.Min(bin, bins.Length - 1));
    }

    private LatencyFigures Compute()
    {
        var bytes = Bytes.Span;
        var ranks = new LatencyRanks(Count(bytes));
        var (at, bin) = (0, 0L);
        do bin += Read(bytes, ref at);
        while (ranks.Take(bin - 1, Read(bytes, ref at)));
        return ranks.ToFigures();
    }

    private static long Count(ReadOnlySpan<byte> bytes)
    {
        var (at, count) = (0, 0L);
        while (at < bytes.Length)
        {
            Read(bytes, ref at);
            count += Read(bytes, ref at);
        }

        return count;
    }

    private static void Write(List<byte> bytes, long value)
    {
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    private static long Read(ReadOnlySpan<byte> bytes, ref int at)
    {
        (var value, at) = ReadLong(bytes, at);
        return value;
    }

    private static (long Value, int Next) ReadLong(ReadOnlySpan<byte> bytes, int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
                return (value, at);
        }
    }
}
