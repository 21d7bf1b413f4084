using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>Creates minutes as silos report them.</summary>
internal static class Minutes
{
    public static MinutePart Part(string source, long version, long minute, params (TrafficCounter Counter, long Count)[] counters) =>
        new(source, version, Bucket(minute, counters));

    public static MinuteBucket Bucket(long minute, params (TrafficCounter Counter, long Count)[] counters)
    {
        var counts = new long[TrafficCounters.Count];
        foreach (var (counter, count) in counters)
            counts[(int)counter] = count;
        return new(minute, counts, LatencyHistogram.Empty, LatencyHistogram.Empty, []);
    }

    public static MinuteBucket Pods(this MinuteBucket bucket, params PodMinute[] pods) => bucket with { Pods = pods };

    public static PodMinute Pod(string name, bool isReady = true, long samples = 1, long milliCores = 500, long memory = 1000) =>
        new(new PodName(name), isReady, samples, milliCores, milliCores, memory);
}
