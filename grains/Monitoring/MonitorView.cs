using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Monitoring;

/// <summary>What a query finds: a point for each step, also where nothing was seen.</summary>
/// <param name="From">When the first point begins.</param>
/// <param name="To">When the last point ends.</param>
/// <param name="Step">How long each is.</param>
/// <param name="Points">The points, oldest first.</param>
/// <param name="Pods">The pods that were measured, at most the 200 seen last, oldest first.</param>
[GenerateSerializer, Alias("monitor-view"), Immutable]
public sealed record MonitorView(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] DateTimeOffset To,
    [property: Id(2)] TimeSpan Step,
    [property: Id(3)] IReadOnlyList<MonitorPoint> Points,
    [property: Id(4)] IReadOnlyList<MonitorPod> Pods
);

/// <summary>What was seen in one step.</summary>
/// <param name="Time">When it begins.</param>
/// <param name="Step">How long it is.</param>
/// <param name="Figures">The counts, by <see cref="Figure"/>; not to be changed.</param>
/// <param name="Latency">How long requests took that a pod answered or the gateway failed; null where there was none.</param>
/// <param name="AsyncLatency">How long attempts of asynchronous calls took; null where there was none.</param>
/// <param name="ReadyPods">The most pods that were ready in one minute of it.</param>
/// <param name="ColdStart">How long requests waited that found no pod ready; null where there was none.</param>
[GenerateSerializer, Alias("monitor-point"), Immutable]
public sealed record MonitorPoint(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] TimeSpan Step,
    [property: Id(2)] long[] Figures,
    [property: Id(3)] LatencyFigures? Latency,
    [property: Id(4)] LatencyFigures? AsyncLatency,
    [property: Id(5)] int ReadyPods,
    [property: Id(6)] LatencyFigures? ColdStart = null
)
{
    /// <summary>One count.</summary>
    public long Of(Figure figure) => (int)figure < Figures.Length ? Figures[(int)figure] : 0;

    /// <summary>All synchronous requests, whatever became of them.</summary>
    public long Requests() =>
        Of(Figure.Succeeded)
        + Of(Figure.ClientErrors)
        + Of(Figure.ServerErrors)
        + Of(Figure.Rejected)
        + Of(Figure.Failed)
        + Of(Figure.Canceled);
}

/// <summary>What was seen of one pod.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Points">The steps in which it was measured, oldest first.</param>
[GenerateSerializer, Alias("monitor-pod"), Immutable]
public sealed record MonitorPod([property: Id(0)] PodName Pod, [property: Id(1)] IReadOnlyList<PodPoint> Points);

/// <summary>What a pod used in one step.</summary>
/// <param name="Time">When the step begins.</param>
/// <param name="IsReady">Whether the pod was ready when it was last looked at.</param>
/// <param name="Cores">The processors that it used, on average of the measurements; null before there were two.</param>
/// <param name="MostCores">The most of one measurement.</param>
/// <param name="MostMemory">The most memory that it had, in bytes; null where that is not known.</param>
[GenerateSerializer, Alias("pod-point"), Immutable]
public sealed record PodPoint(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] bool IsReady,
    [property: Id(2)] double? Cores,
    [property: Id(3)] double? MostCores,
    [property: Id(4)] long? MostMemory
);
