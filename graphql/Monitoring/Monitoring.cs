using DeployCard.Grains.Monitoring;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>What was seen of a deployment over some time.</summary>
[GraphQLName("Monitoring")]
public sealed class Seen
{
    private readonly MonitorView view;

    internal Seen(MonitorView view) => this.view = view;

    /// <summary>When the first point begins.</summary>
    public DateTimeOffset From => view.From;

    /// <summary>When the last point ends; the running minute is in it, as far as it has come.</summary>
    public DateTimeOffset To => view.To;

    /// <summary>How long each point is.</summary>
    public TimeSpan Step => view.Step;

    /// <summary>A point for each step, oldest first, also where nothing was seen.</summary>
    public IReadOnlyList<Point> Points => [.. view.Points.Select(point => new Point(point))];

    /// <summary>The pods that were measured, at most the 200 seen last, oldest first.</summary>
    public IReadOnlyList<MeasuredPod> Pods => [.. view.Pods.Select(pod => new MeasuredPod(pod))];
}

/// <summary>What was seen in one step. What is counted is of all gateways together.</summary>
[GraphQLName("MonitoringPoint")]
public sealed class Point
{
    private readonly MonitorPoint point;

    internal Point(MonitorPoint point) => this.point = point;

    /// <summary>When it begins.</summary>
    public DateTimeOffset Time => point.Time;

    /// <summary>Synchronous requests, whatever became of them.</summary>
    public long Requests => point.Requests();

    /// <summary>Synchronous requests each second, on average over the step; of a step that is not over yet, as if it were.</summary>
    public double RequestsPerSecond => point.Requests() / point.Step.TotalSeconds;

    /// <summary>Requests that a pod answered with a status below 400.</summary>
    public long Succeeded => point.Of(Figure.Succeeded);

    /// <summary>Requests that a pod answered with 400 to 499.</summary>
    public long ClientErrors => point.Of(Figure.ClientErrors);

    /// <summary>Requests that a pod answered with 500 or more.</summary>
    public long ServerErrors => point.Of(Figure.ServerErrors);

    /// <summary>Requests that the gateway itself answered with 400 to 498: no key, too many, too large, the deployment stopped …</summary>
    public long Rejected => point.Of(Figure.Rejected);

    /// <summary>Requests that the gateway itself answered with 500 or more: no pod in time, a pod broke off, an answer came too late …</summary>
    public long Failed => point.Of(Figure.Failed);

    /// <summary>Requests that their client broke off.</summary>
    public long Canceled => point.Of(Figure.Canceled);

    /// <summary>How long requests took, from their arrival to the end of the answer, waiting included: those that a pod answered or the gateway failed. Null where there was none.</summary>
    public Latency? Latency => Monitoring.Latency.Of(point.Latency);

    /// <summary>Requests that began to wait while no pod was ready.</summary>
    public long ColdStarts => point.Of(Figure.ColdStarts);

    /// <summary>How long these waited; null where there was none.</summary>
    public Latency? ColdStartWait => Monitoring.Latency.Of(point.ColdStart);

    /// <summary>Requests and asynchronous calls that were refused for lack of pods: the queue was full, or no pod came in time. They are among <c>refused</c> or <c>failed</c>.</summary>
    public long RejectedForCapacity => point.Of(Figure.RejectedForCapacity);

    /// <summary>How often pods ended though nobody had asked them to, or did not become ready.</summary>
    public long PodCrashes => point.Of(Figure.PodCrashes);

    /// <summary>The most requests that pods had at once, attempts of asynchronous calls included, as seen every second.</summary>
    public long InFlight => point.Of(Figure.InFlight);

    /// <summary>The most of the same that waited at a gateway for a pod at once, as seen every second.</summary>
    public long Queued => point.Of(Figure.Waiting);

    /// <summary>Bytes of synchronous requests' bodies that came.</summary>
    public long BytesIn => point.Of(Figure.BytesIn);

    /// <summary>Bytes of pods' answers that went to clients; what goes over a WebSocket is not among them.</summary>
    public long BytesOut => point.Of(Figure.BytesOut);

    /// <summary>Asynchronous calls that were accepted.</summary>
    public long AsyncAccepted => point.Of(Figure.AsyncAccepted);

    /// <summary>Attempts of asynchronous calls at pods that ended.</summary>
    public long AsyncAttempts => point.Of(Figure.AsyncAttempts);

    /// <summary>Those of them that are repeated: the pod could not be reached, broke off, took too long or answered with 429 or 500 and more.</summary>
    public long AsyncFailures => point.Of(Figure.AsyncFailures);

    /// <summary>How long attempts of asynchronous calls took at their pods; null where there was none.</summary>
    public Latency? AsyncLatency => Monitoring.Latency.Of(point.AsyncLatency);

    /// <summary>The most asynchronous calls that had not ended and no pod had, as seen every second.</summary>
    public long AsyncBacklog => point.Of(Figure.AsyncBacklog);

    /// <summary>The longest in seconds that one of those had been there which waited for its turn, from its acceptance.</summary>
    public double AsyncOldestAge => point.Of(Figure.AsyncOldestAge) / 1000.0;

    /// <summary>The most pods that were ready in one minute of it.</summary>
    public int ReadyPods => point.ReadyPods;
}

/// <summary>How long requests took, in seconds. Each figure is at most 1.6 % away from the time of the request that it is.</summary>
public sealed class Latency
{
    private readonly LatencyFigures figures;

    private Latency(LatencyFigures figures) => this.figures = figures;

    internal static Latency? Of(LatencyFigures? figures) => figures is null ? null : new(figures);

    /// <summary>How many requests that are.</summary>
    public long Count => figures.Count;

    /// <summary>Half of them took no longer.</summary>
    public double P50 => figures.P50.TotalSeconds;

    /// <summary>90 of 100 took no longer.</summary>
    public double P90 => figures.P90.TotalSeconds;

    /// <summary>95 of 100 took no longer.</summary>
    public double P95 => figures.P95.TotalSeconds;

    /// <summary>99 of 100 took no longer.</summary>
    public double P99 => figures.P99.TotalSeconds;

    /// <summary>The slowest took that long.</summary>
    public double Max => figures.Max.TotalSeconds;
}

/// <summary>What was seen of one pod.</summary>
[GraphQLName("MonitoredPod")]
public sealed class MeasuredPod
{
    private readonly MonitorPod pod;

    internal MeasuredPod(MonitorPod pod) => this.pod = pod;

    /// <summary>Its name.</summary>
    public string Name => pod.Pod.Value;

    /// <summary>The steps in which it was measured, oldest first; there is none for a step in which it was not.</summary>
    public IReadOnlyList<MeasuredPoint> Points => [.. pod.Points.Select(point => new MeasuredPoint(point))];
}

/// <summary>What a pod used in one step.</summary>
[GraphQLName("MonitoredPodPoint")]
public sealed class MeasuredPoint
{
    private readonly PodPoint point;

    internal MeasuredPoint(PodPoint point) => this.point = point;

    /// <summary>When the step begins.</summary>
    public DateTimeOffset Time => point.Time;

    /// <summary>Whether the pod was ready when it was last looked at.</summary>
    public bool IsReady => point.IsReady;

    /// <summary>The processors that it used on average: 0.5 is half of one. Null before it was measured twice, and where the platform does not tell.</summary>
    public double? Cores => point.Cores;

    /// <summary>The most processors that it used over a few seconds.</summary>
    public double? MaxCores => point.MostCores;

    /// <summary>The most memory that it had, in bytes. Null where no process of it runs, and where the platform does not tell.</summary>
    public long? MemoryBytes => point.MostMemory;
}
