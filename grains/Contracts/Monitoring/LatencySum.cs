namespace DeployCard.Contracts.Monitoring;

/// <summary>Adds up histograms. One instance is reused for several points.</summary>
public sealed class LatencySum
{
    // Allocated for the second histogram. Most points have a single one, whose cached percentiles are returned.
    private long[]? bins;
    private LatencyHistogram only = LatencyHistogram.Empty;
    private long count;
    private int first = LatencyBins.Count;
    private int last = -1;

    private bool IsSum => last >= 0;

    /// <summary>Adds the counts of a histogram; null adds nothing.</summary>
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
            AddBins(only);
        AddBins(histogram);
    }

    /// <summary>Returns the sum as a histogram and resets it to empty.</summary>
    public LatencyHistogram DrainHistogram()
    {
        var sum = IsSum ? LatencyHistogram.FromBins<long>(bins) : only;
        Clear();
        return sum;
    }

    /// <summary>Returns the percentiles of the sum, or null if it contains no requests, and resets it to empty.</summary>
    public LatencyPercentiles? DrainPercentiles()
    {
        var percentiles = IsSum ? Compute() : only.Percentiles;
        Clear();
        return percentiles;
    }

    private void AddBins(LatencyHistogram histogram)
    {
        var added = histogram.AddTo(bins ??= new long[LatencyBins.Count]);
        count += added.Count;
        (first, last) = (Math.Min(first, added.First), Math.Max(last, added.Last));
    }

    private LatencyPercentiles Compute()
    {
        var ranks = new PercentileFinder(count);
        for (var bin = first; ranks.AddBin(bin, bins![bin]); bin++)
        {
            // AddBin returns false once the bin of the slowest request is reached.
        }

        return ranks.ToPercentiles();
    }

    private void Clear()
    {
        if (IsSum)
            Array.Clear(bins!, first, last - first + 1);
        (only, count, first, last) = (LatencyHistogram.Empty, 0, LatencyBins.Count, -1);
    }
}
