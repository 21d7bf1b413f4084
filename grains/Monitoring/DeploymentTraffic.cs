using DeployCard.Grains.Deployments;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Monitoring;

/// <summary>
/// What this silo sees of one deployment, counted by the minute. To count takes no lock and no memory but for a new minute's; of a deployment at
/// rest it holds nothing.
/// </summary>
public sealed class DeploymentTraffic
{
    /// <summary>Minutes that are kept while they cannot be told: older ones would not be taken any more.</summary>
    private const int MostHeld = MonitorLedger.OpenMinutes;

    /// <summary>How long after its end somebody may still count in a minute.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Action<DeploymentTraffic> began;
    private readonly TimeProvider time;
    private readonly Lock sync = new();
    private readonly List<TrafficMinute> live = [];
    private readonly SortedDictionary<long, (long Version, MinuteBucket Bucket)> held = [];
    private TrafficMinute? current;
    private bool isListed;
    private long version;
    private long closedThrough;
    private long told;

    internal DeploymentTraffic(DeploymentName deployment, Action<DeploymentTraffic> began, TimeProvider time) =>
        (Deployment, this.began, this.time) = (deployment, began, time);

    /// <summary>Whose it is.</summary>
    public DeploymentName Deployment { get; }

    /// <summary>Counts a request that came to its end.</summary>
    /// <param name="of">What became of it.</param>
    /// <param name="took">How long it took, from its arrival to the end of the answer; null where that tells nothing, as of a connection that was upgraded.</param>
    public void Ended(RequestClass of, TimeSpan? took)
    {
        var minute = Minute();
        minute.Add((Figure)of, 1);
        if (took is { } it && RequestClasses.IsTimed(of))
            minute.Time(it.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Counts the bytes of bodies that came and went.</summary>
    public void Moved(long bytesIn, long bytesOut)
    {
        var minute = Minute();
        if (bytesIn > 0)
            minute.Add(Figure.BytesIn, bytesIn);
        if (bytesOut > 0)
            minute.Add(Figure.BytesOut, bytesOut);
    }

    /// <summary>Counts a request that began to wait while no pod was ready, and has a pod now, or none.</summary>
    public void StartedCold(TimeSpan waited)
    {
        var minute = Minute();
        minute.Add(Figure.ColdStarts, 1);
        minute.TimeColdStart(waited.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Counts a request or a call that was refused for lack of pods; it is counted by its class, too.</summary>
    public void TurnedAway() => Minute().Add(Figure.RejectedForCapacity, 1);

    /// <summary>Counts pods that failed. None is no news.</summary>
    public void Crashed(int pods)
    {
        if (pods > 0)
            Minute().Add(Figure.PodCrashes, pods);
    }

    /// <summary>Counts an asynchronous call that was accepted.</summary>
    public void Accepted() => Minute().Add(Figure.AsyncAccepted, 1);

    /// <summary>Counts an attempt of an asynchronous call that came to its end.</summary>
    public void Attempted(bool hasFailed, TimeSpan took)
    {
        var minute = Minute();
        minute.Add(Figure.AsyncAttempts, 1);
        if (hasFailed)
            minute.Add(Figure.AsyncFailures, 1);
        minute.TimeAsync(took.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Notes what pods have and what waits for them now. Nothing is no news.</summary>
    public void Has(int inFlight, int waiting)
    {
        if (inFlight > 0)
            Minute().Reach(Figure.InFlight, inFlight);
        if (waiting > 0)
            Minute().Reach(Figure.Waiting, waiting);
    }

    /// <summary>Notes how many asynchronous calls have no pod now, and for how long the oldest of them has been there.</summary>
    public void Queues(long calls, TimeSpan oldest)
    {
        if (calls <= 0)
            return;
        var minute = Minute();
        minute.Reach(Figure.AsyncBacklog, calls);
        minute.Reach(Figure.AsyncOldestAge, (long)oldest.TotalMilliseconds);
    }

    /// <summary>Notes what a pod uses now.</summary>
    public void Uses(PodUsage usage) => Minute().Note(usage);

    /// <summary>What there is to tell: what has changed since it was told last, oldest first.</summary>
    internal IReadOnlyList<MinutePart> Collect(string source)
    {
        lock (sync)
        {
            var now = time.GetUtcNow();
            foreach (var minute in live)
                Hold(minute.Snapshot());
            foreach (var over in live.FindAll(minute => MinuteBucket.TimeOf(minute.Minute + 1) + Grace <= now))
            {
                live.Remove(over);
                if (current == over)
                    current = null;
                closedThrough = Math.Max(closedThrough, over.Minute);
            }

            while (held.Count > MostHeld)
                held.Remove(held.First().Key);
            return
            [
                .. held
                    .Values.Where(minute => minute.Version > told)
                    .Select(minute => new MinutePart(source, minute.Version, minute.Bucket)),
            ];
        }
    }

    /// <summary>What was told has arrived. False when there is nothing left to do.</summary>
    internal bool Confirm(MonitorReceipt receipt)
    {
        lock (sync)
        {
            told = receipt.Known;
            foreach (
                var minute in held.Where(minute => minute.Value.Version <= receipt.Stored && !live.Exists(l => l.Minute == minute.Key))
                    .ToList()
            )
                held.Remove(minute.Key);
            isListed = live.Count + held.Count > 0;
            return isListed;
        }
    }

    private TrafficMinute Minute()
    {
        var now = MinuteBucket.MinuteOf(time.GetUtcNow());
        return Volatile.Read(ref current) is { } minute && minute.Minute == now ? minute : Turn(now);
    }

    private TrafficMinute Turn(long now)
    {
        lock (sync)
        {
            // Where the clock was set back: a minute that began anew would take the place of what was counted in it.
            now = Math.Max(now, closedThrough + 1);
            if (live.Find(minute => minute.Minute == now) is not { } next)
            {
                live.Add(next = new(now));
                if (!isListed)
                {
                    isListed = true;
                    began(this);
                }
            }

            Volatile.Write(ref current, next);
            return next;
        }
    }

    private void Hold(MinuteBucket seen)
    {
        if (held.TryGetValue(seen.Minute, out var before) && IsSame(before.Bucket, seen))
            return;
        held[seen.Minute] = (++version, seen);
    }

    private static bool IsSame(MinuteBucket one, MinuteBucket other) =>
        one.Figures.AsSpan().SequenceEqual(other.Figures)
        && one.Latency.Bytes.Span.SequenceEqual(other.Latency.Bytes.Span)
        && one.AsyncLatency.Bytes.Span.SequenceEqual(other.AsyncLatency.Bytes.Span)
        && (one.ColdStart ?? LatencyHistogram.Empty).Bytes.Span.SequenceEqual((other.ColdStart ?? LatencyHistogram.Empty).Bytes.Span)
        && one.Pods.SequenceEqual(other.Pods);
}
