namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// The counters of one minute of a deployment, in the order in which they are stored. Append new counters at the end, and never remove one.
/// Minutes stored by an older version lack the last counters; these are read as 0.
/// </summary>
public enum TrafficCounter
{
    /// <summary>Number of requests for which a pod returned a status below 400.</summary>
    Succeeded,

    /// <summary>Number of requests for which a pod returned 400 to 499.</summary>
    ClientErrors,

    /// <summary>Number of requests for which a pod returned 500 or more.</summary>
    ServerErrors,

    /// <summary>
    /// Number of requests for which the gateway itself returned a status below 499, such as no key, too many requests or body too
    /// large.
    /// </summary>
    Rejected,

    /// <summary>
    /// Number of requests for which the gateway itself returned 500 or more, such as no ready pod, a broken pod connection or a
    /// timeout.
    /// </summary>
    Failed,

    /// <summary>Number of requests that the client canceled.</summary>
    Canceled,

    /// <summary>Number of requests that were queued while no pod was ready.</summary>
    ColdStarts,

    /// <summary>Number of bytes received in request bodies.</summary>
    BytesIn,

    /// <summary>Number of bytes of pod responses sent to clients.</summary>
    BytesOut,

    /// <summary>
    /// Maximum number of requests in flight at pods, including attempts of asynchronous calls, sampled every second. Maxima of several
    /// gateways are added.
    /// </summary>
    InFlight,

    /// <summary>
    /// Maximum number of requests queued at a gateway for a pod, including attempts of asynchronous calls, sampled every second. Maxima of
    /// several gateways are added.
    /// </summary>
    Queued,

    /// <summary>Number of asynchronous calls accepted.</summary>
    AsyncAccepted,

    /// <summary>Number of attempts of asynchronous calls at pods that ended.</summary>
    AsyncAttempts,

    /// <summary>
    /// Number of attempts of asynchronous calls that failed: the pod was unreachable, closed the connection, timed out, or returned 429 or
    /// 500 and above.
    /// </summary>
    AsyncFailures,

    /// <summary>Maximum number of asynchronous calls without a pod, sampled every second.</summary>
    AsyncBacklog,

    /// <summary>Maximum age of the oldest asynchronous call without a pod, in milliseconds.</summary>
    AsyncOldestAge,

    /// <summary>Number of pods that exited without being stopped or did not become ready.</summary>
    PodCrashes,

    /// <summary>
    /// Number of requests and asynchronous calls rejected for lack of pods: the queue was full, or no pod became available in time. These
    /// requests are also counted in <see cref="Rejected"/> or <see cref="Failed"/>.
    /// </summary>
    RejectedForCapacity,
}

/// <summary>Aggregates counters over sources and over minutes.</summary>
public static class TrafficCounters
{
    /// <summary>Number of counters in a minute.</summary>
    public const int Count = (int)TrafficCounter.RejectedForCapacity + 1;

    /// <summary>
    /// Adds the counters of another source for the same minute. The async backlog and its age are maxima; everything else is a sum.
    /// </summary>
    public static void AddSource(long[] sum, IReadOnlyList<long> other)
    {
        for (var i = 0; i < Math.Min(sum.Length, other.Count); i++)
            sum[i] = (TrafficCounter)i is TrafficCounter.AsyncBacklog or TrafficCounter.AsyncOldestAge
                ? Math.Max(sum[i], other[i])
                : sum[i] + other[i];
    }

    /// <summary>Adds the counters of another minute. Counters that are maxima keep the higher value; everything else is a sum.</summary>
    public static void AddMinute(long[] sum, IReadOnlyList<long> other)
    {
        for (var i = 0; i < Math.Min(sum.Length, other.Count); i++)
            sum[i] = IsMaximum((TrafficCounter)i) ? Math.Max(sum[i], other[i]) : sum[i] + other[i];
    }

    private static bool IsMaximum(TrafficCounter counter) =>
        counter is TrafficCounter.InFlight or TrafficCounter.Queued or TrafficCounter.AsyncBacklog or TrafficCounter.AsyncOldestAge;
}
