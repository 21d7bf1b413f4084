using DeployCard.Contracts.Monitoring;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Metrics of a deployment over a time range.</summary>
[GraphQLName("Monitoring")]
public sealed class MonitoringResult
{
    private readonly MonitorView view;

    internal MonitoringResult(MonitorView view) => this.view = view;

    /// <summary>Start of the first point.</summary>
    public DateTimeOffset From => view.From;

    /// <summary>End of the last point. The current minute is included with the values counted so far.</summary>
    public DateTimeOffset To => view.To;

    /// <summary>Duration of each point.</summary>
    public TimeSpan Step => view.Step;

    /// <summary>One point per step, oldest first, including steps without data.</summary>
    public IReadOnlyList<MonitoringPoint> Points => [.. view.Points.Select(point => new MonitoringPoint(point))];

    /// <summary>Pods with measurements, oldest first; at most the 200 measured most recently.</summary>
    public IReadOnlyList<MonitoredPod> Pods => [.. view.Pods.Select(pod => new MonitoredPod(pod))];
}

/// <summary>Metrics of one step, summed over all gateways.</summary>
[GraphQLName("MonitoringPoint")]
public sealed class MonitoringPoint
{
    private readonly MonitorPoint point;

    internal MonitoringPoint(MonitorPoint point) => this.point = point;

    /// <summary>Start of the step.</summary>
    public DateTimeOffset Time => point.Time;

    /// <summary>Number of synchronous requests, regardless of their outcome.</summary>
    public long Requests => point.CountRequests();

    /// <summary>
    /// Average rate of synchronous requests per second over the step. The full step duration is used, also for a step that has not ended.
    /// </summary>
    public double RequestsPerSecond => point.CountRequests() / point.Step.TotalSeconds;

    /// <summary>Number of requests to which a pod responded with a status below 400.</summary>
    public long Succeeded => point.Get(TrafficCounter.Succeeded);

    /// <summary>Number of requests to which a pod responded with a status of 400 to 499.</summary>
    public long ClientErrors => point.Get(TrafficCounter.ClientErrors);

    /// <summary>Number of requests to which a pod responded with a status of 500 or more.</summary>
    public long ServerErrors => point.Get(TrafficCounter.ServerErrors);

    /// <summary>
    /// Number of requests that the gateway itself rejected with a status of 400 to 498, for example because of an invalid key, a rate
    /// limit, the body size or a stopped deployment.
    /// </summary>
    public long Rejected => point.Get(TrafficCounter.Rejected);

    /// <summary>
    /// Number of requests that the gateway itself failed with a status of 500 or more, for example because no pod was ready in time, a pod
    /// closed the connection or a response timed out.
    /// </summary>
    public long Failed => point.Get(TrafficCounter.Failed);

    /// <summary>Number of requests that the client canceled.</summary>
    public long Canceled => point.Get(TrafficCounter.Canceled);

    /// <summary>
    /// Time from the arrival of a request to the end of its response, including queueing, for requests that a pod responded to or the
    /// gateway failed. Rejected and canceled requests and WebSockets are excluded. Null if there was no such request.
    /// </summary>
    public Latency? Latency => Monitoring.Latency.From(point.Latency);

    /// <summary>Number of requests that started to wait while no pod was ready.</summary>
    public long ColdStarts => point.Get(TrafficCounter.ColdStarts);

    /// <summary>Time that requests waited if no pod was ready when their wait began; null if there was no such request.</summary>
    public Latency? ColdStartWait => Monitoring.Latency.From(point.ColdStart);

    /// <summary>
    /// Number of requests and asynchronous calls rejected for lack of capacity, because the queue was full or no pod became ready in time.
    /// The requests are also counted in <c>rejected</c> or <c>failed</c>.
    /// </summary>
    public long RejectedForCapacity => point.Get(TrafficCounter.RejectedForCapacity);

    /// <summary>Number of times that a pod exited unexpectedly or did not become ready.</summary>
    public long PodCrashes => point.Get(TrafficCounter.PodCrashes);

    /// <summary>
    /// Peak number of concurrent requests at pods, including attempts of asynchronous calls, sampled every second. For several gateways,
    /// the sum of their peaks.
    /// </summary>
    public long InFlight => point.Get(TrafficCounter.InFlight);

    /// <summary>
    /// Peak number of requests, including attempts of asynchronous calls, that waited at a gateway for a pod, sampled every second. For
    /// several gateways, the sum of their peaks.
    /// </summary>
    public long Queued => point.Get(TrafficCounter.Queued);

    /// <summary>Number of body bytes received in synchronous requests.</summary>
    public long BytesIn => point.Get(TrafficCounter.BytesIn);

    /// <summary>Number of response body bytes sent from pods to clients; data sent over WebSockets is not counted.</summary>
    public long BytesOut => point.Get(TrafficCounter.BytesOut);

    /// <summary>Number of accepted asynchronous calls.</summary>
    public long AsyncAccepted => point.Get(TrafficCounter.AsyncAccepted);

    /// <summary>Number of attempts of asynchronous calls that ended at a pod.</summary>
    public long AsyncAttempts => point.Get(TrafficCounter.AsyncAttempts);

    /// <summary>
    /// Number of attempts that failed: the pod was unreachable, closed the connection, timed out, or responded with a status of 429 or of
    /// 500 or more.
    /// </summary>
    public long AsyncFailures => point.Get(TrafficCounter.AsyncFailures);

    /// <summary>Time that attempts of asynchronous calls took at their pods; null if no attempt was made.</summary>
    public Latency? AsyncLatency => Monitoring.Latency.From(point.AsyncLatency);

    /// <summary>Peak number of asynchronous calls that had not ended and were not being executed by a pod, sampled every second.</summary>
    public long AsyncBacklog => point.Get(TrafficCounter.AsyncBacklog);

    /// <summary>Maximum age in seconds, measured from acceptance, of a call that waited for its execution; 0 if no call waited.</summary>
    public double AsyncOldestAge => point.Get(TrafficCounter.AsyncOldestAge) / 1000.0;

    /// <summary>Number of ready pods; for a step of several minutes, the maximum of its minutes.</summary>
    public int ReadyPods => point.ReadyPods;
}

/// <summary>Distribution of durations in seconds. Each percentile has a relative error of at most 1.6 %.</summary>
public sealed class Latency
{
    private readonly LatencyPercentiles figures;

    private Latency(LatencyPercentiles figures) => this.figures = figures;

    internal static Latency? From(LatencyPercentiles? figures) => figures is null ? null : new(figures);

    /// <summary>Number of measured requests.</summary>
    public long Count => figures.Count;

    /// <summary>Median duration in seconds.</summary>
    public double P50 => figures.P50.TotalSeconds;

    /// <summary>90th percentile of the duration in seconds.</summary>
    public double P90 => figures.P90.TotalSeconds;

    /// <summary>95th percentile of the duration in seconds.</summary>
    public double P95 => figures.P95.TotalSeconds;

    /// <summary>99th percentile of the duration in seconds.</summary>
    public double P99 => figures.P99.TotalSeconds;

    /// <summary>Longest duration in seconds.</summary>
    public double Max => figures.Max.TotalSeconds;
}

/// <summary>Metrics of one pod.</summary>
[GraphQLName("MonitoredPod")]
public sealed class MonitoredPod
{
    private readonly MonitorPod pod;

    internal MonitoredPod(MonitorPod pod) => this.pod = pod;

    /// <summary>Name of the pod.</summary>
    public string Name => pod.Pod.Value;

    /// <summary>One point per step in which the pod was measured, oldest first; other steps are omitted.</summary>
    public IReadOnlyList<MonitoredPodPoint> Points => [.. pod.Points.Select(point => new MonitoredPodPoint(point))];
}

/// <summary>Resource usage of a pod in one step.</summary>
[GraphQLName("MonitoredPodPoint")]
public sealed class MonitoredPodPoint
{
    private readonly PodPoint point;

    internal MonitoredPodPoint(PodPoint point) => this.point = point;

    /// <summary>Start of the step.</summary>
    public DateTimeOffset Time => point.Time;

    /// <summary>Whether the pod was ready at the last measurement of the step.</summary>
    public bool IsReady => point.IsReady;

    /// <summary>
    /// Average CPU usage in cores; 0.5 is half a core. Null until the pod was measured twice, or if the platform does not report CPU usage.
    /// </summary>
    public double? Cores => point.Cores;

    /// <summary>
    /// Peak CPU usage in cores, averaged over a few seconds. Null until the pod was measured twice, or if the platform does not report CPU
    /// usage.
    /// </summary>
    public double? MaxCores => point.MaxCores;

    /// <summary>Peak memory usage in bytes; null if no process of the pod runs or the platform does not report memory usage.</summary>
    public long? MaxMemoryBytes => point.MaxMemoryBytes;
}
