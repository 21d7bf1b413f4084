using System.Runtime.CompilerServices;

namespace DeployCard.Grains.Monitoring;

/// <summary>Finds the percentiles of requests whose bins come in their order: of each the nearest rank.</summary>
/// <param name="count">How many requests there are, 1 or more.</param>
internal ref struct LatencyRanks(long count)
{
    private Found found;
    private long seen;
    private int next;

    private static ReadOnlySpan<double> Parts => [0.5, 0.9, 0.95, 0.99, 1];

    /// <summary>Takes the next bin. False when no more are needed.</summary>
    public bool Take(long bin, long requests)
    {
        seen += requests;
        while (next < Parts.Length && seen >= Math.Ceiling(Parts[next] * count))
            found[next++] = LatencyBins.Middle((int)Math.Min(bin, LatencyBins.Count - 1));
        return next < Parts.Length;
    }

    public readonly LatencyFigures ToFigures() => new(count, found[0], found[1], found[2], found[3], found[4]);

    [InlineArray(5)]
    private struct Found
    {
        private TimeSpan first;
    }
}
