using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Domain.Monitoring;

namespace DeployCard.Bench.Monitoring;

/// <summary>
/// Generates three days of minutes with values for every counter, two latency histograms (log-normal over two orders of magnitude) and
/// pods.
/// </summary>
internal sealed class HistoryGenerator(Arguments arguments, IMonitorStore store)
{
    private readonly Random random = new(1);

    /// <summary>Stores the three days before a time for a deployment. Returns the number of bytes.</summary>
    public async Task<long> Store(DeploymentName deployment, DateTimeOffset now)
    {
        var last = MinuteBucket.ToMinute(now);
        var bytes = 0L;
        foreach (
            var block in Enumerable
                .Range(0, IMonitorGrain.MaxPoints)
                .Select(i => CreateMinute(last - i))
                .GroupBy(part => part.Bucket.Minute / MinuteAggregator.BlockMinutes)
        )
        {
            var first = block.Key * MinuteAggregator.BlockMinutes;
            var payload = BlockFormat.Write(first, [.. block]);
            bytes += payload.Length;
            await store.Write(deployment, new(first, payload), CancellationToken.None);
        }

        return bytes;
    }

    private MinutePart CreateMinute(long minute)
    {
        var counters = Enumerable.Range(0, TrafficCounters.Count).Select(_ => random.NextInt64(1, 100_000)).ToArray();
        var pods = Enumerable
            .Range(0, arguments.Pods)
            .Select(pod => new PodMinute(
                new PodName($"iris-1-{pod:D5}"),
                true,
                12,
                random.Next(12_000),
                random.Next(2_000),
                random.NextInt64(1L << 30)
            ));
        return new("", 0, new(minute, counters, CreateHistogram(), CreateHistogram(), [.. pods]));
    }

    private LatencyHistogram CreateHistogram()
    {
        var counts = new int[LatencyBins.Count];
        for (var i = 0; i < arguments.Requests; i++)
            counts[LatencyBins.IndexOf((long)(20_000 * Math.Exp(NextNormal())))]++;
        return LatencyHistogram.FromBins<int>(counts);
    }

    private double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
