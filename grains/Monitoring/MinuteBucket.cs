using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Monitoring;

/// <summary>What was seen of a deployment in one minute.</summary>
/// <param name="Minute">Which minute: whole minutes since 0001-01-01, UTC.</param>
/// <param name="Figures">The counts, by <see cref="Figure"/>; not to be changed.</param>
/// <param name="Latency">How long requests took that a pod answered or the gateway failed, from their arrival to the end of the answer.</param>
/// <param name="AsyncLatency">How long attempts of asynchronous calls took.</param>
/// <param name="Pods">The pods.</param>
[GenerateSerializer, Alias("minute-bucket"), Immutable]
public sealed record MinuteBucket(
    [property: Id(0)] long Minute,
    [property: Id(1)] long[] Figures,
    [property: Id(2)] LatencyHistogram Latency,
    [property: Id(3)] LatencyHistogram AsyncLatency,
    [property: Id(4)] IReadOnlyList<PodMinute> Pods
)
{
    /// <summary>How long requests waited that found no pod ready; null where there was none.</summary>
    [Id(5)]
    public LatencyHistogram? ColdStart { get; init; }

    /// <summary>The minute of a time.</summary>
    public static long MinuteOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerMinute;

    /// <summary>When a minute begins.</summary>
    public static DateTimeOffset TimeOf(long minute) => new(minute * TimeSpan.TicksPerMinute, TimeSpan.Zero);

    /// <summary>What several sources saw in the same minute, together.</summary>
    internal static MinuteBucket Merge(IReadOnlyList<MinuteBucket> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        var figures = new long[Monitoring.Figures.Count];
        var (latency, asyncLatency, coldStart) = (new LatencySum(), new LatencySum(), new LatencySum());
        foreach (var part in parts)
        {
            Monitoring.Figures.AddSource(figures, part.Figures);
            latency.Add(part.Latency);
            asyncLatency.Add(part.AsyncLatency);
            coldStart.Add(part.ColdStart);
        }

        return new(parts[0].Minute, figures, latency.Take(), asyncLatency.Take(), PodMinute.Merge(parts.SelectMany(part => part.Pods)))
        {
            ColdStart = coldStart.Take(),
        };
    }
}

/// <summary>What was seen of a pod in one minute.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="IsReady">Whether it was ready when it was last looked at.</param>
/// <param name="Samples">How often its processor time was measured.</param>
/// <param name="MilliCores">The processor time that it used, in thousandths of a processor, added up over the samples.</param>
/// <param name="MostMilliCores">The most of one sample.</param>
/// <param name="MostMemory">The most memory that it had, in bytes; 0 where that is not known.</param>
[GenerateSerializer, Alias("pod-minute"), Immutable]
public readonly record struct PodMinute(
    [property: Id(0)] PodName Pod,
    [property: Id(1)] bool IsReady,
    [property: Id(2)] long Samples,
    [property: Id(3)] long MilliCores,
    [property: Id(4)] long MostMilliCores,
    [property: Id(5)] long MostMemory
)
{
    /// <summary>Each pod once.</summary>
    internal static IReadOnlyList<PodMinute> Merge(IEnumerable<PodMinute> all) =>
        [
            .. all.GroupBy(pod => pod.Pod)
                .Select(pod => pod.Aggregate((one, other) => one.And(other)))
                .OrderBy(pod => pod.Pod.Value, StringComparer.Ordinal),
        ];

    /// <summary>The same pod, seen again.</summary>
    internal PodMinute And(PodMinute later) =>
        new(
            Pod,
            later.IsReady,
            Samples + later.Samples,
            MilliCores + later.MilliCores,
            Math.Max(MostMilliCores, later.MostMilliCores),
            Math.Max(MostMemory, later.MostMemory)
        );
}
