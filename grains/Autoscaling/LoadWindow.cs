namespace DeployCard.Grains.Autoscaling;

/// <summary>
/// What the gateways reported of late. Its peak looks back for a while, so that a pause between two bursts stops no pod.
/// A gateway that reports no more counts with its last report until that is too old to mean anything.
/// </summary>
public sealed class LoadWindow(TimeSpan length)
{
    /// <summary>After this a gateway's silence means that it has nothing to tell.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, LoadReport> latest = [];
    private readonly Queue<(DateTimeOffset At, int Requests)> totals = [];

    /// <summary>When the last request came or ended; null when none was reported.</summary>
    public DateTimeOffset? LastRequestAt { get; private set; }

    /// <summary>Takes a report in. One that is older than the gateway's last one is dropped.</summary>
    public void Add(LoadReport report)
    {
        if (latest.TryGetValue(report.Gateway, out var before) && before.At > report.At)
            return;
        latest[report.Gateway] = report;
        totals.Enqueue((report.At, Now(report.At)));
        if (LastRequestAt is null || report.LastRequestAt > LastRequestAt)
            LastRequestAt = report.LastRequestAt;
    }

    /// <summary>Requests in flight and waiting now, over all gateways.</summary>
    public int Now(DateTimeOffset now) => latest.Values.Where(r => now - r.At <= Silence).Sum(r => r.InFlight + r.Waiting);

    /// <summary>The most requests at once within the window.</summary>
    public int Peak(DateTimeOffset now)
    {
        while (totals.TryPeek(out var oldest) && now - oldest.At > length)
            totals.Dequeue();
        return Math.Max(Now(now), totals.Count == 0 ? 0 : totals.Max(t => t.Requests));
    }
}
