using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Pods;

namespace DeployCard.Bench.Monitoring;

/// <summary>Three days in which every minute has all that there can be: latencies spread log-normally over two decades, and pods.</summary>
internal sealed class FullDays(Arguments arguments, IMonitorStore store)
{
    private readonly Random random = new(1);

    /// <summary>Stores them for a deployment, up to now. How many bytes they are.</summary>
    public async Task<long> Store(DeploymentName deployment, DateTimeOffset now)
    {
        var last = MinuteBucket.MinuteOf(now);
        var bytes = 0L;
        foreach (
            var block in Enumerable
                .Range(0, IMonitorGrain.MostPoints)
                .Select(i => Minute(last - i))
                .GroupBy(part => part.Bucket.Minute / MonitorLedger.BlockMinutes)
        )
        {
            var first = block.Key * MonitorLedger.BlockMinutes;
            var payload = BlockFormat.Write(first, [.. block]);
            bytes += payload.Length;
            await store.Write(deployment, new(first, payload), CancellationToken.None);
        }

        return bytes;
    }

    private MinutePart Minute(long minute)
    {
        var figures = Enumerable.Range(0, Figures.Count).Select(_ => random.NextInt64(1, 100_000)).ToArray();
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
        return new("", 0, new(minute, figures, Histogram(), Histogram(), [.. pods]));
    }

    private LatencyHistogram Histogram()
    {
        var counts = new int[LatencyBins.Count];
        for (var i = 0; i < arguments.Requests; i++)
            counts[LatencyBins.Of((long)(20_000 * Math.Exp(Normal())))]++;
        return LatencyHistogram.Of<int>(counts);
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
