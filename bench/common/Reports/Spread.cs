namespace DeployCard.Bench.Common.Reports;

/// <summary>Several measurements of one thing: the middle one, and how far apart they lie.</summary>
internal sealed class Spread
{
    private readonly double[] sorted;

    public Spread(IEnumerable<double> values)
    {
        sorted = [.. values.Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("Nothing was measured.", nameof(values));
    }

    public double Median => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    public double Least => sorted[0];

    public double Most => sorted[^1];

    /// <summary>What this share of them reaches at most: 0.99 for the 99th percentile.</summary>
    public double Percentile(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

    /// <summary><c>0.97 (0.91–1.02)</c>; <c>0.97</c> where there is only one.</summary>
    public string ToString(string format) =>
        sorted.Length == 1 ? Median.ToString(format) : $"{Median.ToString(format)} ({Least.ToString(format)}–{Most.ToString(format)})";
}
