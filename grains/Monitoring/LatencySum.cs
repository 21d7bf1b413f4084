namespace DeployCard.Grains.Monitoring;

/// <summary>Histograms added up. One serves a point after another.</summary>
internal sealed class LatencySum
{
    // Made with the first sum: of one histogram alone there is nothing to add up: it knows its figures, and is most of what is asked for.
    private long[]? bins;
    private LatencyHistogram only = LatencyHistogram.Empty;
    private long count;
    private int first = LatencyBins.Count;
    private int last = -1;

    private bool IsSum => last >= 0;

    public void Add(LatencyHistogram? histogram)
    {
        if (histogram is null or { IsEmpty: true })
            return;
        if (!IsSum && only.IsEmpty)
        {
            only = histogram;
            return;
        }

        if (!IsSum)
            Count(only);
        Count(histogram);
    }

    /// <summary>The sum as a histogram; empties it.</summary>
    public LatencyHistogram Take()
    {
        var sum = IsSum ? LatencyHistogram.Of<long>(bins) : only;
        Clear();
        return sum;
    }

    /// <summary>The percentiles of the sum, null where there was no request; empties it.</summary>
    public LatencyFigures? TakeFigures()
    {
        var figures = IsSum ? Compute() : only.Figures;
        Clear();
        return figures;
    }

    private void Count(LatencyHistogram histogram)
    {
        var added = histogram.AddTo(bins ??= new long[LatencyBins.Count]);
        count += added.Count;
        (first, last) = (Math.Min(first, added.First), Math.Max(last, added.Last));
    }

    private LatencyFigures Compute()
    {
        var ranks = new LatencyRanks(count);
        for (var bin = first; ranks.Take(bin, bins![bin]); bin++)
        {
            // Up to the slowest.
        }

        return ranks.ToFigures();
    }

    private void Clear()
    {
        if (IsSum)
            Array.Clear(bins!, first, last - first + 1);
        (only, count, first, last) = (LatencyHistogram.Empty, 0, LatencyBins.Count, -1);
    }
}
