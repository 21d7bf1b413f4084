using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>Minutes as sources tell them.</summary>
internal static class Minutes
{
    public static MinutePart Part(string source, long version, long minute, params (Figure Figure, long Count)[] figures) =>
        new(source, version, Bucket(minute, figures));

    public static MinuteBucket Bucket(long minute, params (Figure Figure, long Count)[] figures)
    {
        var counts = new long[Figures.Count];
        foreach (var (figure, count) in figures)
            counts[(int)figure] = count;
        return new(minute, counts, LatencyHistogram.Empty, LatencyHistogram.Empty, []);
    }

    public static MinuteBucket Pods(this MinuteBucket bucket, params PodMinute[] pods) => bucket with { Pods = pods };

    public static PodMinute Pod(string name, bool isReady = true, long samples = 1, long milliCores = 500, long memory = 1000) =>
        new(new PodName(name), isReady, samples, milliCores, milliCores, memory);
}
