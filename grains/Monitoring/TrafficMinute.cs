using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Monitoring;

/// <summary>A minute while it is counted, by many at once: without a lock, but for what is measured now and then.</summary>
internal sealed class TrafficMinute(long minute)
{
    private readonly long[] figures = new long[Figures.Count];
    private readonly Dictionary<PodName, PodMinute> pods = [];

    // There is no need for them where nothing but pods is looked at.
    private int[]? latency;
    private int[]? asyncLatency;
    private int[]? coldStart;

    public long Minute { get; } = minute;

    public void Add(Figure figure, long count) => Interlocked.Add(ref figures[(int)figure], count);

    /// <summary>Notes a figure of which the highest counts.</summary>
    public void Reach(Figure figure, long value)
    {
        ref var highest = ref figures[(int)figure];
        var seen = Volatile.Read(ref highest);
        while (seen < value)
        {
            var before = Interlocked.CompareExchange(ref highest, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    public void Time(long micros) => Time(ref latency, micros);

    public void TimeAsync(long micros) => Time(ref asyncLatency, micros);

    public void TimeColdStart(long micros) => Time(ref coldStart, micros);

    public void Note(PodUsage usage)
    {
        var milliCores = usage.Cores is { } cores ? (long)(cores * 1000) : 0;
        var seen = new PodMinute(usage.Pod, usage.IsReady, usage.Cores is null ? 0 : 1, milliCores, milliCores, usage.MemoryBytes ?? 0);
        lock (pods)
            pods[usage.Pod] = pods.TryGetValue(usage.Pod, out var before) ? before.And(seen) : seen;
    }

    /// <summary>What was counted so far.</summary>
    public MinuteBucket Snapshot()
    {
        PodMinute[] measured;
        lock (pods)
            measured = [.. pods.Values];
        var counted = new long[figures.Length];
        for (var i = 0; i < counted.Length; i++)
            counted[i] = Volatile.Read(ref figures[i]);
        return new(Minute, counted, Histogram(latency), Histogram(asyncLatency), measured) { ColdStart = Histogram(coldStart) };
    }

    private static LatencyHistogram Histogram(int[]? bins) => bins is null ? LatencyHistogram.Empty : LatencyHistogram.Of<int>(bins);

    private static void Time(ref int[]? bins, long micros)
    {
        var present = Volatile.Read(ref bins);
        if (present is null)
        {
            var made = new int[LatencyBins.Count];
            present = Interlocked.CompareExchange(ref bins, made, null) ?? made;
        }

        Interlocked.Increment(ref present[LatencyBins.Of(micros)]);
    }
}
