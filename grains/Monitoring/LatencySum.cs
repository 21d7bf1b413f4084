namespace DeployCard.Grains.Monitoring;

/// <summary>Histograms added up. One serves a point after another.</summary>
internal sealed class LatencySum
{
    private readonly long[] bins = new long[LatencyBins.Count];
    private bool isEmpty = true;

    public void Add(LatencyHistogram histogram)
    {
        histogram.AddTo(bins);
        isEmpty &= histogram.IsEmpty;
    }

    /// <summary>The sum as a histogram; empties it.</summary>
    public LatencyHistogram TakeHistogram()
    {
        var sum = isEmpty ? LatencyHistogram.Empty : LatencyHistogram.Of<long>(bins);
        Clear();
        return sum;
    }

    /// <summary>Its percentiles, null where there was no request; empties it.</summary>
    public LatencyFigures? TakeFigures()
    {
        if (isEmpty)
            return null;
        var count = bins.Sum();
        var figures = new LatencyFigures(count, At(0.5, count), At(0.9, count), At(0.95, count), At(0.99, count), At(1, count));
        Clear();
        return figures;
    }

    /// <summary>The time within which that part of all requests ended (nearest rank).</summary>
    private TimeSpan At(double part, long count)
    {
        var left = Math.Max(1, (long)Math.Ceiling(part * count));
        var bin = 0;
        while ((left -= bins[bin]) > 0)
            bin++;
        return LatencyBins.Middle(bin);
    }

    private void Clear()
    {
        Array.Clear(bins);
        isEmpty = true;
    }
}

/// <summary>How long requests took. Each figure is at most 1.6 % away from the time of the request that it is.</summary>
/// <param name="Count">How many requests there were, 1 or more.</param>
/// <param name="P50">Half of them took no longer.</param>
/// <param name="P90">So many of a hundred took no longer.</param>
/// <param name="P95">So many of a hundred took no longer.</param>
/// <param name="P99">So many of a hundred took no longer.</param>
/// <param name="Max">The slowest took that long.</param>
[GenerateSerializer, Alias("latency-figures"), Immutable]
public sealed record LatencyFigures(
    [property: Id(0)] long Count,
    [property: Id(1)] TimeSpan P50,
    [property: Id(2)] TimeSpan P90,
    [property: Id(3)] TimeSpan P95,
    [property: Id(4)] TimeSpan P99,
    [property: Id(5)] TimeSpan Max);
