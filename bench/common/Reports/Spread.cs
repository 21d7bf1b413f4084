namespace DeployCard.Bench.Common.Reports;

/// <summary>Several measurements of one value, with their median and range.</summary>
internal sealed class Spread
{
    private readonly double[] sorted;

    public Spread(IEnumerable<double> values)
    {
        sorted = [.. values.Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("At least one value is required.", nameof(values));
    }

    public double Median => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    public double Min => sorted[0];

    public double Max => sorted[^1];

    /// <summary>Returns a percentile; <paramref name="share"/> is 0.99 for the 99th percentile.</summary>
    public double Percentile(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

    /// <summary>Returns the median and the range, for example <c>0.97 (0.91–1.02)</c>; only the value if there is one value.</summary>
    public string ToString(string format) =>
        sorted.Length == 1 ? Median.ToString(format) : $"{Median.ToString(format)} ({Min.ToString(format)}–{Max.ToString(format)})";
}
