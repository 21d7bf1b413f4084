using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// The traffic of one deployment on this silo, counted per minute. Counting takes no lock, and allocates only at the start of a minute.
/// An idle deployment holds no minutes.
/// </summary>
public sealed class DeploymentTraffic
{
    /// <summary>Maximum number of unacknowledged minutes to keep. The monitor grain would reject older minutes.</summary>
    private const int MaxPending = MinutePart.OpenMinutes;

    /// <summary>Time after the end of a minute in which a thread that already holds the minute may still count in it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Action<DeploymentTraffic> onActive;
    private readonly TimeProvider time;
    private readonly Lock sync = new();
    private readonly List<TrafficMinute> live = [];
    private readonly SortedDictionary<long, (long Version, MinuteBucket Bucket)> pending = [];
    private TrafficMinute? current;
    private bool isListed;
    private long version;
    private long closedThrough;
    private long acknowledged;

    internal DeploymentTraffic(DeploymentName deployment, Action<DeploymentTraffic> onActive, TimeProvider time) =>
        (Deployment, this.onActive, this.time) = (deployment, onActive, time);

    /// <summary>Name of the deployment.</summary>
    public DeploymentName Deployment { get; }

    /// <summary>Counts a synchronous request that has ended.</summary>
    /// <param name="requestClass">The outcome of the request.</param>
    /// <param name="duration">
    /// Time from the arrival of the request to the end of the response. Null if the duration says nothing about speed, as for an upgraded
    /// connection.
    /// </param>
    public void RecordRequest(RequestClass requestClass, TimeSpan? duration)
    {
        var minute = CurrentMinute();
        minute.Add((TrafficCounter)requestClass, 1);
        if (duration is { } elapsed && RequestClasses.IsTimed(requestClass))
            minute.RecordLatency(elapsed.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Counts bytes of request bodies received and of response bodies sent.</summary>
    public void RecordBytes(long bytesIn, long bytesOut)
    {
        var minute = CurrentMinute();
        if (bytesIn > 0)
            minute.Add(TrafficCounter.BytesIn, bytesIn);
        if (bytesOut > 0)
            minute.Add(TrafficCounter.BytesOut, bytesOut);
    }

    /// <summary>Counts a request that was queued while no pod was ready and has now stopped waiting, with or without a pod.</summary>
    public void RecordColdStart(TimeSpan waited)
    {
        var minute = CurrentMinute();
        minute.Add(TrafficCounter.ColdStarts, 1);
        minute.RecordColdStart(waited.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Counts a request or an asynchronous call rejected for lack of pods. Its request class is counted separately.</summary>
    public void RecordCapacityRejection() => CurrentMinute().Add(TrafficCounter.RejectedForCapacity, 1);

    /// <summary>Counts pods that failed. A value of 0 creates no minute.</summary>
    public void RecordPodCrashes(int pods)
    {
        if (pods > 0)
            CurrentMinute().Add(TrafficCounter.PodCrashes, pods);
    }

    /// <summary>Counts an asynchronous call that the gateway accepted.</summary>
    public void RecordAsyncAccepted() => CurrentMinute().Add(TrafficCounter.AsyncAccepted, 1);

    /// <summary>Counts an attempt of an asynchronous call that has ended.</summary>
    public void RecordAsyncAttempt(bool hasFailed, TimeSpan duration)
    {
        var minute = CurrentMinute();
        minute.Add(TrafficCounter.AsyncAttempts, 1);
        if (hasFailed)
            minute.Add(TrafficCounter.AsyncFailures, 1);
        minute.RecordAsyncLatency(duration.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>
    /// Records the current numbers of requests in flight and queued; the maxima of the minute are kept. Two values of 0 create no minute.
    /// </summary>
    public void RecordLoad(int inFlight, int queued)
    {
        if (inFlight > 0)
            CurrentMinute().RecordMax(TrafficCounter.InFlight, inFlight);
        if (queued > 0)
            CurrentMinute().RecordMax(TrafficCounter.Queued, queued);
    }

    /// <summary>
    /// Records the current number of asynchronous calls without a pod and the age of the oldest one. A value of 0 calls creates no minute.
    /// </summary>
    public void RecordAsyncBacklog(long calls, TimeSpan oldestAge)
    {
        if (calls <= 0)
            return;
        var minute = CurrentMinute();
        minute.RecordMax(TrafficCounter.AsyncBacklog, calls);
        minute.RecordMax(TrafficCounter.AsyncOldestAge, (long)oldestAge.TotalMilliseconds);
    }

    /// <summary>Records a measurement of the processor time and memory of a pod.</summary>
    public void RecordPodUsage(PodUsage usage) => CurrentMinute().RecordPodUsage(usage);

    /// <summary>Returns the minutes that have changed since the last acknowledged report, oldest first.</summary>
    public IReadOnlyList<MinutePart> Collect(string source)
    {
        lock (sync)
        {
            var now = time.GetUtcNow();
            foreach (var minute in live)
                Keep(minute.Snapshot());
            foreach (var over in live.FindAll(minute => MinuteBucket.StartOf(minute.Minute + 1) + Grace <= now))
            {
                live.Remove(over);
                if (current == over)
                    current = null;
                closedThrough = Math.Max(closedThrough, over.Minute);
            }

            while (pending.Count > MaxPending)
                pending.Remove(pending.First().Key);
            return
            [
                .. pending
                    .Values.Where(minute => minute.Version > acknowledged)
                    .Select(minute => new MinutePart(source, minute.Version, minute.Bucket)),
            ];
        }
    }

    /// <summary>Applies the receipt of a report. Returns false if no minute is left to report.</summary>
    public bool Acknowledge(MonitorReceipt receipt)
    {
        lock (sync)
        {
            acknowledged = receipt.ReceivedVersion;
            foreach (
                var minute in pending
                    .Where(minute => minute.Value.Version <= receipt.StoredVersion && !live.Exists(l => l.Minute == minute.Key))
                    .ToList()
            )
                pending.Remove(minute.Key);
            isListed = live.Count + pending.Count > 0;
            return isListed;
        }
    }

    private TrafficMinute CurrentMinute()
    {
        var now = MinuteBucket.ToMinute(time.GetUtcNow());
        return Volatile.Read(ref current) is { } minute && minute.Minute == now ? minute : AdvanceTo(now);
    }

    private TrafficMinute AdvanceTo(long now)
    {
        lock (sync)
        {
            // If the clock was set back, a second bucket for a closed minute would overwrite its counts.
            now = Math.Max(now, closedThrough + 1);
            if (live.Find(minute => minute.Minute == now) is not { } next)
            {
                live.Add(next = new(now));
                if (!isListed)
                {
                    isListed = true;
                    onActive(this);
                }
            }

            Volatile.Write(ref current, next);
            return next;
        }
    }

    private void Keep(MinuteBucket seen)
    {
        if (pending.TryGetValue(seen.Minute, out var before) && IsSame(before.Bucket, seen))
            return;
        pending[seen.Minute] = (++version, seen);
    }

    private static bool IsSame(MinuteBucket one, MinuteBucket other) =>
        one.Counters.AsSpan().SequenceEqual(other.Counters)
        && one.Latency.Bytes.Span.SequenceEqual(other.Latency.Bytes.Span)
        && one.AsyncLatency.Bytes.Span.SequenceEqual(other.AsyncLatency.Bytes.Span)
        && (one.ColdStart ?? LatencyHistogram.Empty).Bytes.Span.SequenceEqual((other.ColdStart ?? LatencyHistogram.Empty).Bytes.Span)
        && one.Pods.SequenceEqual(other.Pods);
}
