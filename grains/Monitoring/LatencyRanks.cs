using System.Runtime.CompilerServices;

namespace DeployCard.Grains.Monitoring;

/// <summary>Finds the percentiles of requests whose bins come in their order: of each the nearest rank.</summary>
/// <param name="count">How many requests there are, 1 or more.</param>
internal ref struct LatencyRanks(long count)
{
    private Found found;
    private long seen;
    private int next;
    private long rank = Rank(0, count);

    private static ReadOnlySpan<double> Parts => [0.5, 0.9, 0.95, 0.99, 1];

    /// <summary>Takes the next bin. False when no more are needed.</summary>
    public bool Take(long bin, long requests)
    {
        seen += requests;
        while (seen >= rank)
        {
            found[next++] = LatencyBins.Middle((int)Math.Min(bin, LatencyBins.Count - 1));
            if (next == Parts.Length)
                return false;
            rank = Rank(next, count);
        }

        return true;
    }

    public readonly LatencyFigures ToFigures() => new(count, found[0], found[1], found[2], found[3], found[4]);

    private static long Rank(int part, long count) => (long)Math.Ceiling(Parts[part] * count);

    [InlineArray(5)]
    private struct Found
    {
        private TimeSpan first;
    }
}
