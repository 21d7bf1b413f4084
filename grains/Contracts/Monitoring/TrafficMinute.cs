using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Contracts.Monitoring;

/// <summary>The counters of a minute in progress, updated concurrently. Only pod measurements, which are rare, take a lock.</summary>
internal sealed class TrafficMinute(long minute)
{
    private readonly long[] counters = new long[TrafficCounters.Count];
    private readonly Dictionary<PodName, PodMinute> pods = [];

    // Allocated on first use: a minute with pod measurements only does not need them.
    private int[]? latency;
    private int[]? asyncLatency;
    private int[]? coldStart;

    public long Minute { get; } = minute;

    public void Add(TrafficCounter counter, long count) => Interlocked.Add(ref counters[(int)counter], count);

    /// <summary>Raises a counter that is a maximum.</summary>
    public void RecordMax(TrafficCounter counter, long value)
    {
        ref var highest = ref counters[(int)counter];
        var seen = Volatile.Read(ref highest);
        while (seen < value)
        {
            var before = Interlocked.CompareExchange(ref highest, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    public void RecordLatency(long micros) => RecordBin(ref latency, micros);

    public void RecordAsyncLatency(long micros) => RecordBin(ref asyncLatency, micros);

    public void RecordColdStart(long micros) => RecordBin(ref coldStart, micros);

    public void RecordPodUsage(PodUsage usage)
    {
        var milliCores = usage.Cores is { } cores ? (long)(cores * 1000) : 0;
        var seen = new PodMinute(usage.Pod, usage.IsReady, usage.Cores is null ? 0 : 1, milliCores, milliCores, usage.MemoryBytes ?? 0);
        lock (pods)
            pods[usage.Pod] = pods.TryGetValue(usage.Pod, out var before) ? before.Combine(seen) : seen;
    }

    /// <summary>Returns a copy of the counts so far.</summary>
    public MinuteBucket Snapshot()
    {
        PodMinute[] measured;
        lock (pods)
            measured = [.. pods.Values];
        var counted = new long[counters.Length];
        for (var i = 0; i < counted.Length; i++)
            counted[i] = Volatile.Read(ref counters[i]);
        return new(Minute, counted, Histogram(latency), Histogram(asyncLatency), measured) { ColdStart = Histogram(coldStart) };
    }

    private static LatencyHistogram Histogram(int[]? bins) => bins is null ? LatencyHistogram.Empty : LatencyHistogram.FromBins<int>(bins);

    private static void RecordBin(ref int[]? bins, long micros)
    {
        var present = Volatile.Read(ref bins);
        if (present is null)
        {
            var created = new int[LatencyBins.Count];
            present = Interlocked.CompareExchange(ref bins, created, null) ?? created;
        }

        Interlocked.Increment(ref present[LatencyBins.IndexOf(micros)]);
    }
}
