using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Monitoring;

/// <summary>The monitoring data of a deployment for one minute.</summary>
/// <param name="Minute">The minute, in whole minutes since 0001-01-01 UTC.</param>
/// <param name="Counters">The counters, indexed by <see cref="TrafficCounter"/>. Callers must not modify the list.</param>
/// <param name="Latency">
/// Time from the arrival of a request to the end of the response, for requests that reached a pod or failed at the gateway.
/// </param>
/// <param name="AsyncLatency">Duration of attempts of asynchronous calls.</param>
/// <param name="Pods">The pods measured in the minute.</param>
[GenerateSerializer, Alias("minute-bucket"), Immutable]
public sealed record MinuteBucket(
    [property: Id(0)] long Minute,
    [property: Id(1)] long[] Counters,
    [property: Id(2)] LatencyHistogram Latency,
    [property: Id(3)] LatencyHistogram AsyncLatency,
    [property: Id(4)] IReadOnlyList<PodMinute> Pods
)
{
    /// <summary>
    /// Waiting time of requests that were queued while no pod was ready; null if there were no such requests or the block has the first
    /// format.
    /// </summary>
    [Id(5)]
    public LatencyHistogram? ColdStart { get; init; }

    /// <summary>Returns the minute that contains a time.</summary>
    public static long ToMinute(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerMinute;

    /// <summary>Returns the start of a minute, UTC.</summary>
    public static DateTimeOffset StartOf(long minute) => new(minute * TimeSpan.TicksPerMinute, TimeSpan.Zero);

    /// <summary>Merges the data of several sources for the same minute.</summary>
    public static MinuteBucket Merge(IReadOnlyList<MinuteBucket> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        var counters = new long[Monitoring.TrafficCounters.Count];
        var (latency, asyncLatency, coldStart) = (new LatencySum(), new LatencySum(), new LatencySum());
        foreach (var part in parts)
        {
            Monitoring.TrafficCounters.AddSource(counters, part.Counters);
            latency.Add(part.Latency);
            asyncLatency.Add(part.AsyncLatency);
            coldStart.Add(part.ColdStart);
        }

        return new(
            parts[0].Minute,
            counters,
            latency.DrainHistogram(),
            asyncLatency.DrainHistogram(),
            PodMinute.Merge(parts.SelectMany(part => part.Pods))
        )
        {
            ColdStart = coldStart.DrainHistogram(),
        };
    }
}

/// <summary>The measurements of one pod in one minute.</summary>
/// <param name="Pod">Name of the pod.</param>
/// <param name="IsReady">Whether the pod was ready at the last measurement.</param>
/// <param name="Samples">Number of measurements of the processor time.</param>
/// <param name="MilliCores">Processor usage in thousandths of a core, summed over the samples.</param>
/// <param name="MaxMilliCores">Highest processor usage of a single sample, in thousandths of a core.</param>
/// <param name="MaxMemoryBytes">Highest memory usage, in bytes; 0 if unknown.</param>
[GenerateSerializer, Alias("pod-minute"), Immutable]
public readonly record struct PodMinute(
    [property: Id(0)] PodName Pod,
    [property: Id(1)] bool IsReady,
    [property: Id(2)] long Samples,
    [property: Id(3)] long MilliCores,
    [property: Id(4)] long MaxMilliCores,
    [property: Id(5)] long MaxMemoryBytes
)
{
    /// <summary>Combines the measurements of each pod, ordered by pod name.</summary>
    public static IReadOnlyList<PodMinute> Merge(IEnumerable<PodMinute> all) =>
        [
            .. all.GroupBy(pod => pod.Pod)
                .Select(pod => pod.Aggregate((one, other) => one.Combine(other)))
                .OrderBy(pod => pod.Pod.Value, StringComparer.Ordinal),
        ];

    /// <summary>Combines these measurements with later measurements of the same pod.</summary>
    internal PodMinute Combine(PodMinute later) =>
        new(
            Pod,
            later.IsReady,
            Samples + later.Samples,
            MilliCores + later.MilliCores,
            Math.Max(MaxMilliCores, later.MaxMilliCores),
            Math.Max(MaxMemoryBytes, later.MaxMemoryBytes)
        );
}
