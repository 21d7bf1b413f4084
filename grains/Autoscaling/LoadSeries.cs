namespace DeployCard.Grains.Autoscaling;

/// <summary>
/// A quantity over time as slices of at most one <paramref name="resolution"/>, so that its average over any span up to
/// <paramref name="length"/> costs bounded memory however often it is reported. A constant comes out as itself.
/// </summary>
internal sealed class LoadSeries(TimeSpan length, TimeSpan resolution)
{
    private readonly List<Slice> slices = [];

    /// <summary>How many slices are kept.</summary>
    public int Count => slices.Count;

    /// <summary>Adds the quantity's integral over a span that begins no earlier than the last one ended.</summary>
    public void Add(DateTimeOffset from, DateTimeOffset to, double area)
    {
        if (slices is [.., var last] && last.To == from && SliceOf(last.From) == SliceOf(from))
            slices[^1] = last with { To = to, Area = last.Area + area };
        else
            slices.Add(new(from, to, area));
        slices.RemoveRange(0, slices.FindIndex(slice => slice.To > to - length));
    }

    /// <summary>The ends of the slices that a span falls into.</summary>
    public IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Cut(DateTimeOffset from, DateTimeOffset to)
    {
        while (from < to)
        {
            var end = new DateTimeOffset((SliceOf(from) + 1) * resolution.Ticks, TimeSpan.Zero);
            yield return (from, end < to ? end : to);
            from = end;
        }
    }

    /// <summary>The integral over a span; what was never told is zero. A slice that begins before the span counts in part.</summary>
    public double Area(DateTimeOffset from, DateTimeOffset to) =>
        slices.Where(slice => slice.To > from && slice.From < to).Sum(slice => slice.After(from));

    private long SliceOf(DateTimeOffset at) => at.UtcTicks / resolution.Ticks;

    private readonly record struct Slice(DateTimeOffset From, DateTimeOffset To, double Area)
    {
        public double After(DateTimeOffset at) => at <= From ? Area : Area * ((To - at) / (To - From));
    }
}
