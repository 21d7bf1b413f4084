namespace DeployCard.Domain.Autoscaling;

/// <summary>
/// Time series of a quantity, stored as slices no longer than <paramref name="resolution"/>. The memory for averages over spans up to
/// <paramref name="length"/> is bounded, no matter how often values are added. The average of a constant quantity is exactly that constant.
/// </summary>
internal sealed class LoadSeries(TimeSpan length, TimeSpan resolution)
{
    private readonly List<Slice> slices = [];

    /// <summary>Number of stored slices.</summary>
    public int Count => slices.Count;

    /// <summary>Adds the integral of the quantity over a span. The span must not start before the end of the previous span.</summary>
    public void Add(DateTimeOffset from, DateTimeOffset to, double integral)
    {
        if (slices is [.., var last] && last.To == from && SliceOf(last.From) == SliceOf(from))
            slices[^1] = last with { To = to, Area = last.Area + integral };
        else
            slices.Add(new(from, to, integral));
        slices.RemoveRange(0, slices.FindIndex(slice => slice.To > to - length));
    }

    /// <summary>Splits a span at the slice boundaries.</summary>
    public IEnumerable<(DateTimeOffset From, DateTimeOffset To)> SplitIntoSlices(DateTimeOffset from, DateTimeOffset to)
    {
        while (from < to)
        {
            var end = new DateTimeOffset((SliceOf(from) + 1) * resolution.Ticks, TimeSpan.Zero);
            yield return (from, end < to ? end : to);
            from = end;
        }
    }

    /// <summary>
    /// Returns the integral over a span; times without data count as zero. A slice that starts before the span counts proportionally.
    /// </summary>
    public double GetIntegral(DateTimeOffset from, DateTimeOffset to) =>
        slices.Where(slice => slice.To > from && slice.From < to).Sum(slice => slice.GetAreaAfter(from));

    private long SliceOf(DateTimeOffset at) => at.UtcTicks / resolution.Ticks;

    private readonly record struct Slice(DateTimeOffset From, DateTimeOffset To, double Area)
    {
        public double GetAreaAfter(DateTimeOffset at) => at <= From ? Area : Area * ((To - at) / (To - From));
    }
}
