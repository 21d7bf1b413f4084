namespace DeployCard.Grains.Monitoring;

/// <summary>Histograms added up. One serves a point after another.</summary>
internal sealed class LatencySum
{
    private readonly long[] bins = new long[LatencyBins.Count];

    // Of one histogram alone there is nothing to add up: it knows its figures, and is most of what is asked for.
    private LatencyHistogram only = LatencyHistogram.Empty;
    private bool isSum;

    public void Add(LatencyHistogram? histogram)
    {
        if (histogram is null or { IsEmpty: true })
            return;
        if (!isSum && only.IsEmpty)
        {
            only = histogram;
            return;
        }

        if (!isSum)
            only.AddTo(bins);
        isSum = true;
        histogram.AddTo(bins);
    }

    /// <summary>The sum as a histogram; empties it.</summary>
    public LatencyHistogram Take()
    {
        var sum = isSum ? LatencyHistogram.Of<long>(bins) : only;
        Clear();
        return sum;
    }

    /// <summary>The percentiles of the sum, null where there was no request; empties it.</summary>
    public LatencyFigures? TakeFigures()
    {
        var figures = isSum ? Compute() : only.Figures;
        Clear();
        return figures;
    }

    private LatencyFigures Compute()
    {
        var ranks = new LatencyRanks(bins.Sum());
        for (var bin = 0; ranks.Take(bin, bins[bin]); bin++)
        {
            // Up to the slowest.
        }

        return ranks.ToFigures();
    }

    private void Clear()
    {
        if (isSum)
            Array.Clear(bins);
        (only, isSum) = (LatencyHistogram.Empty, false);
    }
}
