namespace DeployCard.Grains.Monitoring;

/// <summary>
/// What is counted in a minute, in the order in which it is stored: further ones go to the end, and none is ever taken out. An older version's minutes
/// lack the last ones, which then are 0.
/// </summary>
public enum Figure
{
    /// <summary>Requests that a pod answered with a status below 400.</summary>
    Succeeded,

    /// <summary>Requests that a pod answered with 400 to 499.</summary>
    ClientErrors,

    /// <summary>Requests that a pod answered with 500 or more.</summary>
    ServerErrors,

    /// <summary>Requests that the gateway itself answered with 400 to 498: no key, too many, too large …</summary>
    Rejected,

    /// <summary>Requests that the gateway itself answered with 500 or more: no pod in time, a pod broke off, too late …</summary>
    Failed,

    /// <summary>Requests that their client broke off.</summary>
    Canceled,

    /// <summary>Requests that began to wait while no pod was ready.</summary>
    ColdStarts,

    /// <summary>Bytes of requests' bodies that came.</summary>
    BytesIn,

    /// <summary>Bytes of pods' answers that went to clients.</summary>
    BytesOut,

    /// <summary>The most requests that pods had at once, attempts of asynchronous calls included, as seen every second. Of several gateways the sum.</summary>
    InFlight,

    /// <summary>The most of the same that waited at a gateway for a pod at once, as seen every second. Of several gateways the sum.</summary>
    Waiting,

    /// <summary>Asynchronous calls that were accepted.</summary>
    AsyncAccepted,

    /// <summary>Attempts of asynchronous calls at pods that ended.</summary>
    AsyncAttempts,

    /// <summary>Those of them that were no answer: the pod could not be reached, broke off, took too long or answered with 429 or 500 and more.</summary>
    AsyncFailures,

    /// <summary>The most asynchronous calls that had no pod.</summary>
    AsyncBacklog,

    /// <summary>The longest that one of those had been there, in milliseconds.</summary>
    AsyncOldestAge,

    /// <summary>Pods that ended though nobody had asked them to, or that did not become ready.</summary>
    PodCrashes,

    /// <summary>Requests and calls that were refused for lack of pods: the queue was full, or no pod came in time. They are among <see cref="Rejected"/> or <see cref="Failed"/>.</summary>
    RejectedForCapacity,
}

/// <summary>How figures go together.</summary>
internal static class Figures
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)Figure.RejectedForCapacity + 1;

    /// <summary>Adds what another source saw in the same minute.</summary>
    public static void AddSource(long[] sum, IReadOnlyList<long> other)
    {
        for (var i = 0; i < Math.Min(sum.Length, other.Count); i++)
            sum[i] = (Figure)i is Figure.AsyncBacklog or Figure.AsyncOldestAge ? Math.Max(sum[i], other[i]) : sum[i] + other[i];
    }

    /// <summary>Adds what was seen in another minute.</summary>
    public static void AddMinute(long[] sum, IReadOnlyList<long> other)
    {
        for (var i = 0; i < Math.Min(sum.Length, other.Count); i++)
            sum[i] = IsHighest((Figure)i) ? Math.Max(sum[i], other[i]) : sum[i] + other[i];
    }

    private static bool IsHighest(Figure figure) =>
        figure is Figure.InFlight or Figure.Waiting or Figure.AsyncBacklog or Figure.AsyncOldestAge;
}
